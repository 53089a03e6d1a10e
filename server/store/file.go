package store

import (
	"errors"
	"io/fs"
	"os"
	"syscall"

	"github.com/aichat-term/aichat/server/fault"
)

// file is a SQLite database's file, as it was when it was opened. On Unix a file
// that is removed or moved while it is open can be read and written as before, and
// what is written is gone with the process, or is somewhere else: SQLite does not
// say so. So each transaction looks before it begins (one system call), and whoever
// connects does.
type file struct {
	path string
	made fs.FileInfo
}

// errMoved is told while the path leads to nothing, or to another file.
var errMoved = fault.New(fault.Unavailable, "The server's database file was moved, removed or replaced while the server runs: "+
	"nothing can be stored until it is back in its place.")

// check is errMoved where the path does not lead to the file any more. A path
// that cannot be looked at for another reason is taken to lead there: the file is
// open all the same.
func (f *file) check() error {
	now, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !os.SameFile(now, f.made) {
		return errMoved
	}
	return nil
}

// Moved reports whether the file of a SQLite database has been moved, removed or
// replaced since it was opened. Until it is back nothing is written, and every
// attempt is an Unavailable fault that says why.
func (db *DB) Moved() bool { return db.file != nil && db.file.check() != nil }
