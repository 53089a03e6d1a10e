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
	wal  fs.FileInfo // its write-ahead log, once there is one
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

// suffixes of the files that SQLite has beside a database's.
const (
	walSuffix = "-wal"
	shmSuffix = "-shm"
)

// know notes which file the write-ahead log is. One is there from the first
// connection to the last.
func (f *file) know() {
	f.wal, _ = os.Stat(f.path + walSuffix) // nil where there is none
}

// part sees to it, once the database is closed, that its log is not played into
// another one that has its place by now: SQLite leaves a log where it is if the
// database was moved from beside it, and a log does not say whose it is. It is set
// aside for whoever wants to bring the two together again.
func (f *file) part() error {
	if there, ours := leads(f.path, f.made); !there || ours || f.wal == nil {
		return nil
	}
	if _, ours := leads(f.path+walSuffix, f.wal); !ours {
		return nil
	}
	_ = os.Remove(f.path + shmSuffix) // an index of the log, made anew as needed
	return os.Rename(f.path+walSuffix, f.path+walSuffix+"-of-the-moved")
}

// leads reports whether a path leads to a file, and whether to that one.
func leads(path string, to fs.FileInfo) (there, ours bool) {
	now, err := os.Stat(path)
	return err == nil, err == nil && os.SameFile(now, to)
}
