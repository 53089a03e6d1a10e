package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"
	"modernc.org/sqlite"

	"github.com/aichat-term/aichat/server/fault"
)

// The connections of a SQLite database: one writes, several read.
//
// busy_timeout comes first, so that the pragmas after it wait too. WAL lets
// readers go on while one writes; synchronous=NORMAL survives a killed process
// without loss, and a power cut without damage. A transaction begins immediate:
// one that read first and writes then would fail instead of wait.
//
// A statement's own journal stays in memory. The log is copied into the file by
// logKeeper; by the writer only where it comes to 64 MB all the same.
const (
	writerPragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)" +
		"&_pragma=foreign_keys(1)&_pragma=temp_store(MEMORY)&_pragma=wal_autocheckpoint(16000)&_txlock=immediate"
	readerPragmas = "_pragma=busy_timeout(10000)&_pragma=query_only(1)&_pragma=cache_size(-8000)"
	minReaders    = 4
)

// openSQLite opens the file, creating it and its folder for the owner alone, and
// holds the lock that keeps other processes off it.
func openSQLite(ctx context.Context, o Options) (*DB, error) {
	path, err := filepath.Abs(o.Database)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The database's path %s cannot be found out.", o.Database)
	}
	if info, err := os.Stat(path); o.Existing && (errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0) {
		return nil, none(path)
	}
	made, err := createFile(path)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The database %s cannot be opened: %s.", path, reason(err))
	}
	lock, err := lockFile(path)
	if err != nil {
		return nil, err
	}
	db := &DB{dialect: &liteDialect, sql: newStatements(&liteDialect), file: made,
		write: made.pool(writerPragmas, 2), read: made.pool(readerPragmas, max(minReaders, runtime.NumCPU())),
		jobs: jobPool{lite: made.pool(writerPragmas, 1)}, release: lock.Unlock, log: o.Logger, now: o.Now}
	db.indexer = newIndexer(db)
	db.keeper = newLogKeeper(db.write, made.check, db.log)
	db.writer, db.reader = newWriter(db.write, made.check, db.indexer.wake, db.keeper.committed), newReading(db.read)
	if err := assertPragmas(ctx, db); err != nil {
		_ = db.Close() // err says why
		return nil, db.fault(ctx, err)
	}
	return db, nil
}

// pool has up to size connections to the file, all of them with the pragmas.
func (f *file) pool(pragmas string, size int) *sql.DB {
	slashed := filepath.ToSlash(f.path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // a Windows drive: file:///C:/...
	}
	// url.URL escapes what the path may hold and a URL would read otherwise.
	dsn := (&url.URL{Scheme: "file", Path: slashed, RawQuery: pragmas}).String()
	pool := sql.OpenDB(connector{f, dsn, &sqlite.Driver{}})
	pool.SetMaxOpenConns(size)
	pool.SetMaxIdleConns(size)
	return pool
}

// connector opens connections with the driver itself, whatever names are
// registered with database/sql. It opens no file but the one: SQLite would make a
// new one in its place.
type connector struct {
	file   *file
	dsn    string
	driver *sqlite.Driver
}

// Connect implements driver.Connector.
func (c connector) Connect(context.Context) (driver.Conn, error) {
	if err := c.file.check(); err != nil {
		return nil, err
	}
	return c.driver.Open(c.dsn)
}

// Driver implements driver.Connector.
func (c connector) Driver() driver.Driver { return c.driver }

// createFile makes the database's file readable by its owner only, if there is
// none: SQLite gives its companions the same mode.
func createFile(path string) (*file, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	made, err := f.Stat()
	return &file{path: path, made: made}, errors.Join(err, f.Close())
}

// reason is the plain part of a file error, without the path again.
func reason(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Err.Error()
	}
	return err.Error()
}

// lockFile takes the lock beside the file. It ends with the process, however
// that ends.
func lockFile(path string) (*flock.Flock, error) {
	lock := flock.New(path+".lock", flock.SetPermissions(0o600))
	got, err := lock.TryLock()
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The database %s cannot be locked: %s.", path, reason(err))
	}
	if !got {
		return nil, &fault.Error{Kind: fault.Unavailable, Subject: path,
			Message: fmt.Sprintf("The database %s is in use by another aichat-server: "+
				"stop that one first, or give this one another file or a Postgres database.", path)}
	}
	return lock, nil
}

// assertPragmas makes sure that the settings took: a misspelt one is ignored
// without a word.
func assertPragmas(ctx context.Context, db *DB) error {
	for _, want := range []struct {
		pool   *sql.DB
		pragma string
		value  string
	}{
		{db.write, "journal_mode", "wal"},
		{db.write, "busy_timeout", "10000"},
		{db.write, "synchronous", "1"},
		{db.write, "foreign_keys", "1"},
		{db.read, "query_only", "1"},
	} {
		var got string
		if err := want.pool.QueryRowContext(ctx, "PRAGMA "+want.pragma).Scan(&got); err != nil {
			return err
		}
		if !strings.EqualFold(got, want.value) {
			return fault.New(fault.Unavailable,
				"SQLite did not take %s=%s (it is %s): the file may be on a network file system, which cannot hold it.",
				want.pragma, want.value, got)
		}
	}
	return nil
}
