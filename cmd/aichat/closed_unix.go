//go:build unix

package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// closedAtStart reports whether a standard stream was closed when the program
// began. The Go runtime puts /dev/null, open for reading and writing, in the
// place of one that was; >/dev/null opens it for writing only. A caller that
// itself gave us /dev/null open for both cannot be told from that.
func closedAtStart(f *os.File) bool {
	is, err := f.Stat()
	if err != nil {
		return true
	}
	null, err := os.Stat(os.DevNull)
	if err != nil || !os.SameFile(is, null) {
		return false
	}
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	return err == nil && flags&unix.O_ACCMODE == unix.O_RDWR
}
