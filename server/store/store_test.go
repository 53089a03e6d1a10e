package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.DB {
		return open(t, store.Options{Database: filepath.Join(t.TempDir(), "a?b #%.db")})
	}, peek)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.DB {
		return open(t, store.Options{Database: pgtest.URL(t)})
	}, peek)
}

func peek(ctx context.Context, db *store.DB, query string, args ...any) (n int64, err error) {
	return n, db.Read().QueryRowContext(ctx, query, args...).Scan(&n)
}

// open opens a database for the length of a test.
func open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}
