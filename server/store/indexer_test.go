package store_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
)

// asked asks a question in a conversation of its own.
func asked(ctx context.Context, db *store.DB, account identity.AccountID, text string) error {
	chat := newChat(account, "asked")
	_, _, err := db.Turns().Begin(ctx, turn.BeginParams{
		Record: turn.Record{Ref: turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())},
			Conversation: chat.ID, Model: "demo/echo", Digest: []byte(text), Owner: "p1"},
		Create: &chat,
		Ask: &conversation.Message{ID: conversation.MessageID(conversation.NewID()),
			Parts: []conversation.Part{{Type: conversation.Text, Text: text}}},
		Lease: time.Minute, Now: time.Now(),
	})
	return err
}

// hits counts what a search finds, up to 1000.
func hits(t *testing.T, db *store.DB, account identity.AccountID, query string) int {
	t.Helper()
	all, err := db.Conversations().Search(t.Context(), account,
		conversation.SearchQuery{Query: conversation.ParseQuery(query), Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// count is a number that a query of the file selects.
func count(t *testing.T, db *store.DB, query string, args ...any) (n int) {
	t.Helper()
	if err := db.Read().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

const (
	waiting = `SELECT count(*) FROM words_due`
	indexed = `SELECT count(*) FROM message_words WHERE message_words MATCH $1`
)

// A message waits for the index in the file, and a search indexes what waits.
func TestASearchCatchesUp(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	store.StopIndexing(db)
	account := newUser(t, db)
	const messages = 2*store.IndexRows + 3
	for i := range messages {
		if err := asked(t.Context(), db, account, fmt.Sprint("needle ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(t, db, waiting); n != messages {
		t.Fatalf("%d messages wait, want %d", n, messages)
	}
	if n := hits(t, db, account, "needle"); n != messages {
		t.Errorf("%d found, want %d", n, messages)
	}
	if n := count(t, db, waiting); n != 0 {
		t.Errorf("%d messages wait after a search", n)
	}
}

// What an earlier process left is indexed by the next, without a search, and a
// message that was removed meanwhile is not.
func TestTheNextProcessIndexes(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	db, err := store.Open(t.Context(), store.Options{Database: path})
	if err != nil {
		t.Fatal(err)
	}
	store.StopIndexing(db)
	account := newUser(t, db)
	for _, text := range []string{"kept needle", "lost needle"} {
		if err := asked(t.Context(), db, account, text); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.Write().ExecContext(t.Context(), `DELETE FROM messages WHERE parts LIKE '%lost%'`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}

	db = open(t, store.Options{Database: path})
	for count(t, db, waiting) > 0 {
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			t.Fatal("the messages still wait")
		}
	}
	if n := count(t, db, indexed, "needle"); n != 1 {
		t.Errorf("%d indexed, want 1", n)
	}
}

// askForEver asks questions and prints a line for each that is stored.
func askForEver(path string) error {
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Database: path})
	if err != nil {
		return err
	}
	u, err := db.Identities().LocalOwner(ctx)
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		if err := asked(ctx, db, u.Account, fmt.Sprint("needle ", i)); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

// A process may be killed at any moment: between a message and its indexing, and
// while it indexes.
func TestKilledBeforeIndexing(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "a.db")
	cmd, lines := child(t, "ask", path)
	stored := 0
	for stored < 300 && lines.Scan() {
		stored++
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // it was killed
	db := open(t, store.Options{Database: path})
	u, err := db.Identities().LocalOwner(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if hits(t, db, u.Account, "needle") == 0 { // which catches up
		t.Error("nothing was found")
	}
	messages, found := count(t, db, `SELECT count(*) FROM messages`), count(t, db, indexed, "needle")
	if messages < stored || found != messages {
		t.Errorf("%d told, %d stored, %d indexed", stored, messages, found)
	}
}

// A conversation may be purged before its messages are indexed, or after.
func TestPurgedBeforeIndexed(t *testing.T) {
	t.Parallel()
	for _, before := range []bool{true, false} {
		t.Run(fmt.Sprintf("before=%v", before), func(t *testing.T) {
			t.Parallel()
			db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
			store.StopIndexing(db)
			account := newUser(t, db)
			source := newChat(account, "source")
			if err := db.Conversations().Create(t.Context(), source); err != nil {
				t.Fatal(err)
			}
			if err := asked(t.Context(), db, account, "needle"); err != nil {
				t.Fatal(err)
			}
			chats, err := db.Conversations().List(t.Context(), account, conversation.ListQuery{Limit: 10, All: true})
			if err != nil {
				t.Fatal(err)
			}
			if !before && hits(t, db, account, "needle") != 1 {
				t.Fatal("not found")
			}
			if _, err := db.Write().ExecContext(t.Context(), `UPDATE turns SET state = 'complete'`); err != nil {
				t.Fatal(err)
			}
			now := time.Now()
			for _, c := range chats {
				if err := db.Conversations().Delete(t.Context(), account, c.ID, now); err != nil {
					t.Fatal(err)
				}
			}
			if n, err := db.Conversations().Purge(t.Context(), now.Add(time.Hour)); err != nil || n != 2 {
				t.Fatalf("%d purged: %v", n, err)
			}
			if n := hits(t, db, account, "needle"); n != 0 {
				t.Errorf("%d found of what was purged", n)
			}
			if n := count(t, db, indexed, "needle") + count(t, db, waiting); n != 0 {
				t.Errorf("%d are left of what was purged", n)
			}
		})
	}
}

// Every search finds what was stored before it began, whoever else searches and
// stores.
func TestSearchesWhileMessagesCome(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	var all sync.WaitGroup
	failed := make(chan error, 8)
	for writer := range cap(failed) {
		all.Go(func() {
			for i := range 20 {
				word := fmt.Sprintf("needle%dx%d", writer, i)
				if err := asked(t.Context(), db, account, word); err != nil {
					failed <- err
					return
				}
				found, err := db.Conversations().Search(t.Context(), account,
					conversation.SearchQuery{Query: conversation.ParseQuery(word), Limit: 2})
				if err != nil || len(found) != 1 {
					failed <- errors.Join(err, fmt.Errorf("%s: %d found", word, len(found)))
					return
				}
			}
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		t.Error(err)
	}
}

// Where the index cannot be written, what is indexed is found all the same.
func TestSearchOnAFullDisk(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	account := newUser(t, db)
	if err := asked(t.Context(), db, account, "needle in hay"); err != nil {
		t.Fatal(err)
	}
	if n := hits(t, db, account, "needle"); n != 1 {
		t.Fatalf("%d found", n)
	}
	store.StopIndexing(db)
	noise := ""
	for i := range 20_000 {
		noise += fmt.Sprint(" noise", i)
	}
	if err := asked(t.Context(), db, account, "needle "+noise); err != nil {
		t.Fatal(err)
	}
	limitPages(t, db, 0)
	if n := hits(t, db, account, "needle"); n != 1 {
		t.Errorf("%d found on a full disk, want the one that is indexed", n)
	}
	limitPages(t, db, 100_000)
	if n := hits(t, db, account, "needle"); n != 2 {
		t.Errorf("%d found when there is room again", n)
	}
}
