package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aichat-term/aichat/server/store"
)

// A place without a database of ours is refused where one has to exist, and is as
// it was; one that was founded is not founded again.
func TestExisting(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		o.Existing = true
		if _, err := store.Open(t.Context(), o); !errors.Is(err, store.ErrNone) {
			t.Fatalf("opened what is not there: %v", err)
		}
		if left, err := filepath.Glob(o.Database + "*"); err != nil || len(left) > 0 {
			t.Errorf("left behind %v, %v", left, err)
		}
		o.Existing = false
		db, err := store.Open(t.Context(), o)
		if err != nil || !db.Founded() {
			t.Fatalf("a new database is not called new: %v", err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		o.Existing = true
		if db := open(t, o); db.Founded() {
			t.Error("an old database is called new")
		}
	})
}

func TestPlace(t *testing.T) {
	t.Parallel()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for database, want := range map[string]string{
		"/var/lib/a.db": "/var/lib/a.db",
		"a.db":          filepath.Join(here, "a.db"),
		"postgres://ada:secret@db.example.com:5432/chat?sslpassword=secret": "postgres://db.example.com:5432/chat",
		"postgres://ada:sec%ret@db/chat":                                    "an address that is no URL",
	} {
		if got := store.Place(database); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
