//go:build unix

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// checkOwner checks that path is a folder of the user's own.
func checkOwner(path string) error {
	_, err := ownFolder(path)
	return err
}

// checkPrivate checks that path is a folder of the user's own which nobody else
// may enter.
func checkPrivate(path string) error {
	info, err := ownFolder(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("%s is open to other users (mode %04o): chmod 700 it", path, mode)
	}
	return nil
}

func ownFolder(path string) (fs.FileInfo, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", path)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return nil, errors.New("the owner of " + path + " cannot be told")
	}
	if uid := os.Geteuid(); int(stat.Uid) != uid {
		return nil, fmt.Errorf("%s belongs to user %d, not to you (%d)", path, stat.Uid, uid)
	}
	return info, nil
}
