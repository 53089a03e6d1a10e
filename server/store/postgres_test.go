package store_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
)

func cancelled(t *testing.T) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx, cancel
}

// killOthers ends every other connection to the database.
func killOthers(t *testing.T, address string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	_, err = conn.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	if e := conn.Close(t.Context()); err == nil {
		err = e
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestKilledConnections: a connection that died while it was idle is nobody's
// trouble; the request is repeated on another.
func TestKilledConnections(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	db := open(t, store.Options{Database: pgtest.With(address, "pool_max_conns", "1")})
	account := newUser(t, db)
	c := newChat(account, "x")
	for range 5 {
		killOthers(t, address)
		c.ID = conversation.ID(conversation.NewID())
		if err := db.Conversations().Create(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		killOthers(t, address)
		if _, err := db.Conversations().Get(t.Context(), account, c.ID); err != nil {
			t.Fatal(err)
		}
	}
}

// TestKilledInTheMiddle kills connections while many write: each write happens
// or is a typed fault, never both, and the store recovers.
func TestKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	db := open(t, store.Options{Database: address})
	account := newUser(t, db)
	var group sync.WaitGroup
	var mu sync.Mutex
	stored := map[conversation.ID]bool{}
	for range 4 {
		group.Go(func() {
			for range 40 {
				c := newChat(account, "x")
				err := db.Conversations().Create(t.Context(), c)
				if err != nil && !fault.Is(err, fault.Unavailable) {
					t.Errorf("create: %v", err)
				}
				mu.Lock()
				stored[c.ID] = err == nil
				mu.Unlock()
			}
		})
	}
	for range 5 {
		killOthers(t, address)
	}
	group.Wait()
	d, err := db.Conversations().Changes(t.Context(), account, "", 0, 1000)
	if err != nil {
		t.Fatal(err)
	}
	there := map[conversation.ID]bool{}
	for _, c := range d.Conversations {
		there[c.ID] = true
	}
	for id, ok := range stored {
		if ok && !there[id] {
			t.Errorf("%s was stored and is not there", id)
		}
	}
}

func TestExhaustedPool(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: pgtest.With(pgtest.URL(t), "pool_max_conns", "1")})
	account := newUser(t, db)
	tx, err := db.Write().BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := db.Conversations().Create(ctx, newChat(account, "x")); !fault.Is(err, fault.Timeout) {
		t.Errorf("without a connection: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	if err := db.Conversations().Create(t.Context(), newChat(account, "x")); err != nil {
		t.Error(err)
	}
}

func TestUnreachable(t *testing.T) {
	t.Parallel()
	_, err := store.Open(t.Context(), store.Options{Database: "postgres://aichat:secret@127.0.0.1:1/x"})
	wantUnavailable(t, err, "cannot be reached")
}

func TestReadOnlyServer(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	account := newUser(t, open(t, store.Options{Database: address}))
	db := open(t, store.Options{Database: pgtest.With(address, "default_transaction_read_only", "on")})
	wantUnavailable(t, db.Conversations().Create(t.Context(), newChat(account, "x")), "cannot be written")
}
