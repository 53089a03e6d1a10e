//go:build unix

package server

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// refused is what connecting to a socket fails with that nobody listens on.
const refused = syscall.ECONNREFUSED

func checkOwned(dir string, info fs.FileInfo) error {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(stat.Uid) != os.Getuid() {
		return fmt.Errorf("the folder %s belongs to another user: a server's socket must be in one of your own", dir)
	}
	if perm := info.Mode().Perm(); perm != 0o700 {
		return fmt.Errorf("the folder %s has mode %04o: a server's socket must be in one of mode 0700", dir, perm)
	}
	return nil
}
