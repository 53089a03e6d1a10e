// Package sqlitetest lends tests SQLite files with the current schema. Copying
// one is faster than running the migrations for every test, the more so under
// the race detector.
//
// It is for tests only; it imports store for the schema. The store's own tests of
// migrations and of files open files of their own.
package sqlitetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/aftermath"
)

// File returns the path of a fresh database, which is looked at (see aftermath) and
// goes away when the test ends.
func File(t testing.TB) string {
	t.Helper()
	return Named(t, "aichat.db")
}

// Named is File with a file of that name.
func Named(t testing.TB, name string) string {
	t.Helper()
	text, err := template()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	aftermath.Expect(t, path)
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// template is the file that all others are copies of.
var template = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sqlitetest")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }() // what is left of it is temporary
	path := filepath.Join(dir, "aichat.db")
	db, err := store.Open(context.Background(), store.Options{Database: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil { // which leaves nothing beside the file
		return nil, err
	}
	return os.ReadFile(path)
})
