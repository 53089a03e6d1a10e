package local

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"github.com/aichat-term/aichat/client/config"
)

// Paths are the files of the local server.
type Paths struct {
	Socket   string
	Lock     string // held by whoever starts or replaces the server
	Database string
	Log      string
	Stderr   string // what the server started last said before it was ready

	// Also are sockets where a server may listen that was started where the
	// environment is another, as by cron or sudo: there is one database, so its
	// server is used wherever it listens.
	Also []string
}

// NewPaths are the paths in those folders. A runtime folder in one that is not
// there or not the user's own gives way to the one in the state folder.
func NewPaths(d config.Dirs) (Paths, error) {
	run, fallback := d.Runtime, filepath.Join(d.State, "run")
	if run != fallback && checkOwner(filepath.Dir(run)) != nil {
		run = fallback
	}
	p := Paths{
		Socket:   socketIn(run),
		Lock:     filepath.Join(run, "start.lock"),
		Database: filepath.Join(d.Data, "aichat.db"),
		Log:      filepath.Join(d.State, "server.log"),
		Stderr:   filepath.Join(d.State, "server.err"),
	}
	if run != fallback {
		p.Also = []string{socketIn(fallback)}
	} else if runtime.GOOS == "linux" {
		p.Also = []string{socketIn(filepath.Join("/run/user", strconv.Itoa(os.Geteuid()), "aichat"))}
	}
	if n := len(p.Socket); n > maxSocketPath {
		return Paths{}, fmt.Errorf("the path of the local server's socket, %s, has %d bytes, and this system allows %d: "+
			"set XDG_RUNTIME_DIR to a folder with a shorter name", p.Socket, n, maxSocketPath)
	}
	return p, nil
}

func socketIn(dir string) string { return filepath.Join(dir, "server.sock") }

// prepare makes the folders.
func (p Paths) prepare() error {
	for _, file := range []string{p.Lock, p.Database, p.Log} {
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return err
		}
	}
	return checkPrivate(filepath.Dir(p.Socket))
}
