//go:build unix

package main

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// readerGone waits until nobody reads the other end of a pipe or socket any
// more. It returns false where that cannot be told: then a write will say it.
func readerGone(f *os.File) bool {
	fd := []unix.PollFd{{Fd: int32(f.Fd())}}
	for {
		_, err := unix.Poll(fd, -1) // no events asked for: what is wrong is told anyway
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return false
		case fd[0].Revents&(unix.POLLERR|unix.POLLHUP) != 0:
			return true
		default:
			return false
		}
	}
}
