package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/store"
)

// Transactions that share a commit have each their own result: what one
// refuses, or panics over, does not touch the others.
func TestWhatIsCommittedTogetherStandsAlone(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	const each = 100
	gone, leave := context.WithCancel(t.Context())
	leave()
	var group sync.WaitGroup
	chats := make([]conversation.Conversation, each)
	for i := range chats {
		chats[i] = newChat(account, "fine")
		group.Go(func() {
			if err := db.Conversations().Create(t.Context(), chats[i]); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			other := newChat("nobody", "refused")
			if err := db.Conversations().Create(t.Context(), other); !fault.Is(err, fault.NotFound) {
				t.Errorf("an account that is not there: %v", err)
			}
		})
		group.Go(func() {
			if err := db.Transact(t.Context(), func() error { panic("a mistake") }); err == nil {
				t.Error("a panic was a success")
			}
		})
		group.Go(func() {
			if err := db.Conversations().Create(gone, newChat(account, "gone")); !fault.Is(err, fault.Canceled) {
				t.Errorf("a caller who had left: %v", err)
			}
		})
	}
	group.Wait()
	for i := range chats {
		if _, err := db.Conversations().Get(t.Context(), account, chats[i].ID); err != nil {
			t.Errorf("chat %d: %v", i, err)
		}
	}
	all, err := db.Conversations().List(t.Context(), account, conversation.ListQuery{All: true, Limit: 4 * each})
	if err != nil || len(all) != each {
		t.Errorf("%d chats, want %d: %v", len(all), each, err)
	}
}

// Where the database itself refuses one transaction of a batch, the others are
// tried again alone.
func TestAFullDiskFailsOnlyWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	limitPages(t, db, 40)
	const each = 30
	var group sync.WaitGroup
	for range each {
		small, big := newChat(account, "small"), newChat(account, "big")
		big.System = strings.Repeat("x", 300_000)
		group.Go(func() {
			if err := db.Conversations().Create(t.Context(), big); !fault.Is(err, fault.Unavailable) {
				t.Errorf("what does not fit: %v", err)
			}
		})
		group.Go(func() {
			if err := db.Conversations().Create(t.Context(), small); err != nil {
				t.Errorf("what fits: %v", err)
			}
		})
	}
	group.Wait()
}

func TestAWriterIsLeftIdle(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	nothing := errors.New("nothing")
	for range 3 {
		if err := db.Transact(t.Context(), func() error { return nothing }); err == nil {
			t.Error("a failure was a success")
		}
	}
	if err := db.Transact(t.Context(), func() error { return nil }); err != nil {
		t.Error(err)
	}
}
