package store_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/turn"
)

// benchChats is the length of the list that BenchmarkList reads.
const benchChats = 10_000

// benchBoth runs a benchmark on an empty database of each kind.
func benchBoth(b *testing.B, run func(b *testing.B, db *store.DB)) {
	b.Run("sqlite", func(b *testing.B) {
		run(b, open(b, store.Options{Database: filepath.Join(b.TempDir(), "a.db")}))
	})
	b.Run("postgres", func(b *testing.B) { run(b, open(b, store.Options{Database: pgtest.URL(b)})) })
}

// percentiles runs do b.N times and reports how long the slowest took.
func percentiles(b *testing.B, do func(i int)) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		start := time.Now()
		do(i)
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	at := func(p int) float64 { return took[(len(took)-1)*p/100].Seconds() * 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(95), "p95-ms")
	b.ReportMetric(at(100), "max-ms")
}

// BenchmarkList reads pages of a list of 10 000 conversations, the first and
// others.
func BenchmarkList(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		marks := []*conversation.ListMark{nil}
		for i := range benchChats {
			c := newChat(account, fmt.Sprint("conversation ", i))
			c.UpdatedAt = c.UpdatedAt.Add(time.Duration(i) * time.Minute)
			c.System = strings.Repeat("be brief. ", 100)
			if err := db.Conversations().Create(b.Context(), c); err != nil {
				b.Fatal(err)
			}
			if i%100 == 0 {
				marks = append(marks, &conversation.ListMark{UpdatedAt: c.UpdatedAt, ID: c.ID})
			}
		}
		analyse(b, db)
		percentiles(b, func(i int) {
			if _, err := db.Conversations().List(b.Context(), account,
				conversation.ListQuery{Limit: 100, After: marks[i%len(marks)]}); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// analyse gives the planner its figures, as the server's autovacuum does.
func analyse(b *testing.B, db *store.DB) {
	b.Helper()
	if _, err := db.Write().ExecContext(b.Context(), `ANALYZE`); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkOpen opens a current SQLite file: part of every cold start of a local
// server.
func BenchmarkOpen(b *testing.B) {
	path := filepath.Join(b.TempDir(), "a.db")
	for b.Loop() {
		db, err := store.Open(b.Context(), store.Options{Database: path})
		if err != nil {
			b.Fatal(err)
		}
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTurn stores whole turns, one after the other: begin, a checkpoint, the
// end.
func BenchmarkTurn(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		c := newChat(account, "x")
		if err := db.Conversations().Create(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			oneTurn(b, db, account, c.ID)
		}
	})
}

// oneTurn stores a whole turn at the conversation's root.
func oneTurn(t testing.TB, db *store.DB, account identity.AccountID, chat conversation.ID) turn.Record {
	t.Helper()
	rec := oneBeginning(t, db, account, chat, "")
	oneEnd(t, db, rec)
	return rec
}

// oneBeginning begins a turn below a message and stores a piece of its answer.
func oneBeginning(t testing.TB, db *store.DB, account identity.AccountID, chat conversation.ID, parent conversation.MessageID) turn.Record {
	t.Helper()
	rec, _, err := db.Turns().Begin(t.Context(), turn.BeginParams{
		Record: turn.Record{Ref: turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())},
			Conversation: chat, Model: "demo/echo", Owner: "p"},
		Ask:   &conversation.Message{ID: conversation.MessageID(conversation.NewID()), Parent: parent, CreatedAt: time.Now()},
		Lease: time.Minute, Now: time.Unix(1_700_000_000, 0),
	})
	if err != nil {
		t.Fatal(err)
	}
	chunk := turn.Chunk{Ref: rec.Ref, Epoch: rec.Epoch, Text: []byte("hello"), Runs: []turn.Run{{Kind: turn.RunText, End: 5}}}
	if _, _, err := db.Turns().Checkpoint(t.Context(), "p", time.Minute, []turn.Ref{rec.Ref}, []turn.Chunk{chunk}); err != nil {
		t.Fatal(err)
	}
	return rec
}

// oneEnd stores a turn's answer.
func oneEnd(t testing.TB, db *store.DB, rec turn.Record) {
	t.Helper()
	ended, _, err := db.Turns().Finish(t.Context(), turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed,
		Now: time.Unix(1_700_000_000, 0), Answer: conversation.Message{State: conversation.Complete, CreatedAt: time.Now(),
			Parts: []conversation.Part{{Type: conversation.Text, Text: "hello"}}}})
	if err != nil || !ended {
		t.Fatal(ended, err)
	}
}
