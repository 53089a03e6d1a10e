//go:build unix

package credential

import (
	"fmt"
	"os"
	"syscall"
)

// ownedAlone checks owner and permissions.
func ownedAlone(path string, info os.FileInfo) error {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && int(stat.Uid) != os.Geteuid() {
		return &UnsafeError{path, fmt.Sprintf("belongs to another user (%d): it is not used", stat.Uid)}
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return &UnsafeError{path, fmt.Sprintf("is open to others (mode %04o): chmod 600 it", mode)}
	}
	return nil
}

// syncFolder has a renaming on the disk. Where it cannot, a power cut may undo
// it, and nothing worse.
func syncFolder(dir string) {
	if f, err := os.Open(dir); err == nil {
		_ = f.Sync()
		_ = f.Close()
	}
}
