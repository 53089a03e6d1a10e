package store

import (
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// wholeAccount is a plan's line that reads all that an account has of a table, or
// all of a table.
var wholeAccount = regexp.MustCompile(`^(SEARCH \w+ USING .*\(account_id=\?\)|SCAN (accounts|conversations|messages|turns|turn_chunks|usage_ledger|usage_due|quota_\w+)\b)`)

// A turn costs the same however much there is already: no statement of its
// beginning, its checkpoints or its end reads more than it needs, and nor do the
// checks of foreign keys that SQLite adds.
func TestATurnReadsNoWholeAccount(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	db, err := Open(ctx, Options{Database: filepath.Join(t.TempDir(), "a.db"), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	wholeTurn(t, db)

	explained := 0
	for query := range db.writer.stmts {
		verb, _, _ := strings.Cut(strings.TrimSpace(query), " ")
		if verb == "BEGIN" || verb == "COMMIT" || verb == "ROLLBACK" {
			continue
		}
		explained++
		for _, line := range planOf(t, db, query) {
			if wholeAccount.MatchString(line) {
				t.Errorf("%s: %s", strings.Join(strings.Fields(query), " "), line)
			}
		}
	}
	if explained < 10 {
		t.Errorf("%d statements", explained)
	}
}

// planOf are the lines of a query's plan.
func planOf(t *testing.T, db *DB, query string) (lines []string) {
	t.Helper()
	text, _ := nameless(query)
	rows, err := db.write.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, make([]any, strings.Count(text, "?"))...)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer func() { _ = rows.Close() }() // Err says what matters
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

// wholeTurn stores a conversation's first turn: its beginning, a checkpoint, its end.
func wholeTurn(t *testing.T, db *DB) {
	t.Helper()
	ctx, now := t.Context(), time.Now()
	u := identity.User{ID: "u", Name: "ann", Account: "a", CreatedAt: now}
	if err := db.Identities().CreateUser(ctx, u); err != nil {
		t.Fatal(err)
	}
	rec, _, err := db.Turns().Begin(ctx, turn.BeginParams{
		Record: turn.Record{Ref: turn.Ref{Account: "a", ID: "answer"}, Conversation: "c", Model: "demo/echo", Owner: "p"},
		Create: &conversation.Conversation{Account: "a", ID: "c", Origin: conversation.FromChat}, Unseen: true,
		Ask: &conversation.Message{ID: "question"}, Lease: time.Minute, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	chunk := turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, Text: []byte("hello"), Runs: []turn.Run{{Kind: turn.RunText, End: 5}}}
	if _, _, err := db.Turns().Checkpoint(ctx, "p", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{chunk}); err != nil {
		t.Fatal(err)
	}
	entry := usage.Entry{Account: "a", ID: "e", CreatedAt: now, Kind: usage.Answer, Turn: "answer", Conversation: "c", Attempt: 1,
		Source: usage.Reported, Outcome: usage.Completed}
	ended, _, err := db.Turns().Finish(ctx, turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: now,
		Answer: conversation.Message{State: conversation.Complete}, Entries: []usage.Entry{entry}})
	if err != nil || !ended {
		t.Fatal(ended, err)
	}
}
