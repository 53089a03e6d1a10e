package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"time"
)

// Source reads the text of the master keys; see NewMaster.
type Source func(ctx context.Context) (text string, err error)

// commandTime is how long a command may take: somebody may have to touch a token.
const commandTime = 30 * time.Second

// mostText bounds what is read of master keys, in bytes.
const mostText = 64 << 10

// Command is a Source: what a command prints, run by the system's shell. What it
// says on stderr goes to the program's own.
func Command(line string) Source {
	return func(ctx context.Context) (string, error) {
		ctx, cancel := context.WithTimeout(ctx, commandTime)
		defer cancel()
		shell, flag := "/bin/sh", "-c"
		if runtime.GOOS == "windows" {
			shell, flag = "cmd", "/C"
		}
		cmd := exec.CommandContext(ctx, shell, flag, line) //nolint:gosec // G204: the operator's own setting
		cmd.WaitDelay = time.Second
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		defer clear(out)
		switch {
		case ctx.Err() != nil:
			return "", fmt.Errorf("the command for the master key did not end within %v", commandTime)
		case err != nil:
			return "", fmt.Errorf("the command for the master key failed: %w", err)
		case len(out) > mostText:
			return "", errors.New("the command for the master key prints more than any key has")
		case len(bytes.TrimSpace(out)) == 0:
			return "", errors.New("the command for the master key printed nothing")
		}
		return string(out), nil
	}
}

// File is a Source: a file that need not be there. Its errors say what is wrong with
// the file.
func File(path string) Source {
	return func(context.Context) (string, error) {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
			return "", fmt.Errorf("others can read or write it (mode %04o): chmod 600 %s", info.Mode().Perm(), path)
		}
		if info.Size() > mostText {
			return "", errors.New("it is larger than any master key")
		}
		b, err := os.ReadFile(path)
		defer clear(b)
		return string(b), err
	}
}

// aboutFile is what a file of ours says to whoever finds it.
const aboutFile = `# The master key of the provider keys in the database beside this file. Without it
# they cannot be read: keep a copy of it, apart from copies of the database.
`

// MakeFile makes a file with a new master key that only its owner may read. One
// that is there stays.
func MakeFile(path string) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".master-key-*") // with mode 0600
	if err != nil {
		return err
	}
	_, err = f.WriteString(aboutFile + NewMaster() + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name()) // the first error is the one to show
	}
	return err
}
