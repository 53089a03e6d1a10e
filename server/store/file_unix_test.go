//go:build unix

package store_test

import (
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/store"
)

// While the file is elsewhere, or another is in its place, nothing is said to be
// stored that is not there afterwards, and nothing is made in its place. When it is
// back everything goes on.
func TestAFileThatIsMoved(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, away := filepath.Join(dir, "a.db"), filepath.Join(dir, "away.db")
	db := open(t, store.Options{Database: path})
	account := newUser(t, db)
	before, after := newChat(account, "before"), newChat(account, "after")
	must(t, db.Conversations().Create(t.Context(), before))

	if _, err := db.Conversations().Get(t.Context(), account, before.ID); err != nil { // so that a connection is there
		t.Fatal(err)
	}
	must(t, os.Rename(path, away))
	wantMoved := func() {
		t.Helper()
		if !db.Moved() {
			t.Error("it is not noticed")
		}
		wantUnavailable(t, db.Ping(t.Context()), "moved")
		wantUnavailable(t, db.Conversations().Create(t.Context(), newChat(account, "lost")), "moved")
		if _, err := db.Conversations().Get(t.Context(), account, before.ID); err != nil {
			t.Errorf("what is stored cannot be read: %v", err)
		}
	}
	wantMoved()
	connectAll(t, db.Read())
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("something was made in its place: %v", err)
	}
	must(t, os.WriteFile(path, nil, 0o600))
	wantMoved()

	must(t, os.Rename(away, path))
	if db.Moved() {
		t.Error("it is not seen to be back")
	}
	must(t, db.Ping(t.Context()))
	must(t, db.Conversations().Create(t.Context(), after))
	all, err := db.Conversations().List(t.Context(), account, conversation.ListQuery{All: true, Limit: 10})
	if err != nil || len(all) != 2 {
		t.Errorf("kept are %+v, %v", all, err)
	}
}

// TestAnotherInItsPlace: the log of a database that was moved is not played into the
// backup that has its place; that is what it was.
func TestAnotherInItsPlace(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "a.db"), filepath.Join(dir, "backup.db")
	saved, err := store.Open(t.Context(), store.Options{Database: backup})
	must(t, err)
	account := newUser(t, saved)
	kept := newChat(account, "kept")
	must(t, saved.Conversations().Create(t.Context(), kept))
	must(t, saved.Close())

	db, err := store.Open(t.Context(), store.Options{Database: path})
	must(t, err)
	other := newUser(t, db)
	for range 50 {
		must(t, db.Conversations().Create(t.Context(), newChat(other, "of the moved one")))
	}
	must(t, os.Rename(backup, path))
	must(t, db.Close())
	if _, err := os.Stat(path + "-wal-of-the-moved"); err != nil {
		t.Error(err)
	}

	db = open(t, store.Options{Database: path})
	all, err := db.Conversations().List(t.Context(), account, conversation.ListQuery{All: true, Limit: 100})
	if err != nil || len(all) != 1 || all[0].ID != kept.ID {
		t.Errorf("%+v, %v", all, err)
	}
	wantSound(t, db, store.Options{Database: path})
	if all, err = db.Conversations().List(t.Context(), other, conversation.ListQuery{All: true, Limit: 100}); err != nil || len(all) != 0 {
		t.Errorf("of the moved one: %d, %v", len(all), err)
	}
}

// connectAll uses as many connections as a pool may have, each for itself.
func connectAll(t *testing.T, pool *sql.DB) {
	t.Helper()
	for range pool.Stats().MaxOpenConnections {
		conn, err := pool.Conn(t.Context())
		if err != nil {
			continue // the file is not there to be opened
		}
		defer func() { _ = conn.Close() }() // once all are made
	}
}
