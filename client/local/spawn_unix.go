//go:build unix

package local

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

const serverProgram = "aichat-server"

// detach lets the command outlive the terminal.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// release lets go of a server that runs. Nobody waits for it; see reap.
func release(p *os.Process) { _ = p.Release() }

// reap clears away a server that we started and that has ended since, which
// would stay in the process table for as long as we live.
func reap(pid int) { _, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) }

// absent reports whether a dial failed because nobody listens.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED)
}

// crowded reports whether a dial failed because too many wait already.
func crowded(err error) bool { return errors.Is(err, syscall.EAGAIN) }
