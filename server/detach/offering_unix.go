//go:build unix

package detach

import (
	"os"
	"syscall"
)

// offers says that a connection's descriptor does not block.
const offers = true

// writeOnce writes what the descriptor takes at once, which may be nothing.
func writeOnce(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Write(int(fd), p)
		switch err {
		case nil:
			return n, nil
		case syscall.EINTR:
		case syscall.EAGAIN:
			return 0, nil
		default:
			return 0, os.NewSyscallError("write", err)
		}
	}
}
