//go:build unix

package store_test

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/aichat-term/aichat/server/store"
)

// openReadOnly opens the database as somebody who may not write it.
func openReadOnly(path string) error {
	if os.Geteuid() == 0 { // root may write everything
		const nobody = 65534
		if err := syscall.Setgid(nobody); err != nil {
			return err
		}
		if err := syscall.Setuid(nobody); err != nil {
			return err
		}
	}
	db, err := store.Open(context.Background(), store.Options{Database: path})
	if err != nil {
		return err
	}
	return db.Close()
}

func TestReadOnlyFile(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "aichat-readonly")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) }) // a folder of the test
	path := filepath.Join(dir, "a.db")
	db, err := store.Open(t.Context(), store.Options{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for name, mode := range map[string]os.FileMode{path: 0o444, dir: 0o555} {
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	cmd, lines := child(t, "read-only", path)
	said := ""
	for lines.Scan() {
		said += lines.Text()
	}
	if err := cmd.Wait(); err == nil {
		t.Error("a read-only file was opened")
	}
	if want := "error: The database " + path + " cannot be opened: permission denied."; said != want {
		t.Errorf("said %q, want %q", said, want)
	}
}

// TestReadOnlyWhileOpen: the file cannot be written any more while it is open.
func TestReadOnlyWhileOpen(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	if _, err := db.Write().ExecContext(t.Context(), `PRAGMA query_only = 1`); err != nil {
		t.Fatal(err)
	}
	wantUnavailable(t, db.Conversations().Create(t.Context(), newChat(account, "x")), "cannot be written", "permissions")
}
