package local

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

const serverProgram = "aichat-server.exe"

// detach lets the command outlive the terminal.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{
		HideWindow:    true,
		CreationFlags: windows.DETACHED_PROCESS | windows.CREATE_NEW_PROCESS_GROUP,
	}
}

// release lets go of a server that runs.
func release(p *os.Process) { _ = p.Release() }

// reap has nothing to do here: a process that ended is gone.
func reap(int) {}

// absent reports whether a dial failed because nobody listens.
func absent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, windows.WSAECONNREFUSED) ||
		errors.Is(err, windows.WSAENETDOWN) || errors.Is(err, windows.WSAEINVAL)
}

// crowded is never said here.
func crowded(error) bool { return false }
