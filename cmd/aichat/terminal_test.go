//go:build unix

package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/creack/pty"
	"github.com/rogpeppe/go-internal/testscript"
)

// inTerminal runs a command in a terminal of 80x24 and writes what it showed to a
// file: terminal [-type AFTER KEYS]… [-status N] FILE command [args]. KEYS are
// typed when AFTER has been shown; both are read with the escapes of Go strings.
func inTerminal(ts *testscript.TestScript, neg bool, args []string) {
	t := typist{}
	want := 0
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		switch {
		case args[0] == "-type" && len(args) > 3:
			t.cues = append(t.cues, cue{unquote(ts, args[1]), unquote(ts, args[2])})
			args = args[3:]
		case args[0] == "-status" && len(args) > 2:
			n, err := strconv.Atoi(args[1])
			ts.Check(err)
			want, args = n, args[2:]
		default:
			ts.Fatalf("terminal does not know %q", args[0])
		}
	}
	if neg || len(args) < 2 {
		ts.Fatalf("usage: terminal [-type AFTER KEYS]… [-status N] FILE command [args]")
	}
	command := exec.Command(args[1], args[2:]...)
	if path, err := lookPath(ts, args[1]); err == nil {
		command.Path, command.Err = path, nil
	}
	command.Dir = ts.Getenv("WORK")
	command.Env = scriptEnv(ts)
	tty, err := pty.StartWithSize(command, &pty.Winsize{Cols: 80, Rows: 24})
	ts.Check(err)
	timer := time.AfterFunc(20*time.Second, func() { _ = command.Process.Kill() })
	defer timer.Stop()
	shown := t.watch(tty)
	err = command.Wait()
	_ = tty.Close()
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), shown, 0o600))
	got := 0
	if exit, yes := errors.AsType[*exec.ExitError](err); yes {
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d (%v), want %d; it showed:\n%q", got, err, want, shown)
	}
}

func lookPath(ts *testscript.TestScript, name string) (string, error) {
	for dir := range strings.SplitSeq(ts.Getenv("PATH"), string(os.PathListSeparator)) {
		path := dir + "/" + name
		if info, err := os.Stat(path); err == nil && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", exec.ErrNotFound
}

// scriptEnv is the script's environment, as far as our program reads it.
func scriptEnv(ts *testscript.TestScript) []string {
	var env []string
	for _, name := range []string{
		"HOME", "PATH", "TERM", "LANG", "TZ", "NO_COLOR", "CLICOLOR", "PAGER", "NO_PROXY", "AICHAT_CHAT_MODEL", "OLLAMA_HOST",
		"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "AICHAT_URL", "AICHAT_TOKEN", "WORK", "AICHAT_CREDENTIALS",
		"DISPLAY", "BROWSER", "SSH_CONNECTION", "CI",
		"ANTHROPIC_BASE_URL", "ANTHROPIC_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY",
	} {
		if value := ts.Getenv(name); value != "" {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// typist types keys when something has been shown.
type typist struct{ cues []cue }

type cue struct{ after, keys string }

// watch reads what is shown until the end, and types.
func (t *typist) watch(tty *os.File) []byte {
	var shown []byte
	seen := 0
	chunk := make([]byte, 4096)
	for {
		n, err := tty.Read(chunk)
		shown = append(shown, chunk[:n]...)
		for len(t.cues) > 0 {
			at := bytes.Index(shown[seen:], []byte(t.cues[0].after))
			if at < 0 {
				break
			}
			seen += at + len(t.cues[0].after)
			_, _ = tty.WriteString(t.cues[0].keys) // the program may have gone
			t.cues = t.cues[1:]
		}
		if err == nil {
			continue
		}
		if errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO) {
			return shown // Linux says EIO when the last program has closed the terminal
		}
		return append(shown, err.Error()...)
	}
}
