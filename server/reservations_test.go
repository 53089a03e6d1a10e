package server_test

import (
	"context"
	"errors"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// meeting are the stores of processes that wait before a step for the others to
// have done theirs, so that all of them run at once.
type meeting struct {
	turn.Store
	begun   *sync.WaitGroup // of all who have reserved
	settled *sync.WaitGroup // of those whose answers are not saved
}

func (m meeting) Begin(ctx context.Context, p turn.BeginParams) (turn.Record, bool, error) {
	rec, created, err := m.Store.Begin(ctx, p)
	if err == nil {
		m.begun.Done()
	}
	return rec, created, err
}

func (m meeting) Finish(ctx context.Context, p turn.FinishParams) (bool, []quota.Warning, error) {
	m.settled.Wait()
	return m.Store.Finish(ctx, p)
}

// meetingHolds are the reservations of the same processes.
type meetingHolds struct {
	quota.Store
	meeting
}

func (h meetingHolds) Reserve(ctx context.Context, hold *quota.Hold) error {
	err := h.Store.Reserve(ctx, hold)
	if err == nil {
		h.begun.Done()
	}
	return err
}

func (h meetingHolds) Settle(ctx context.Context, account identity.AccountID, id string, entries []usage.Entry) ([]quota.Warning, error) {
	h.begun.Wait()
	warnings, err := h.Store.Settle(ctx, account, id, entries)
	if err == nil { // else it is tried again
		h.settled.Done()
	}
	return warnings, err
}

// TestOneIDManyAnswers: several servers are asked for answers of one id at once, one
// of which is saved. Each is charged: the id is the client's to choose, and what
// one of them holds is not another's to settle.
func TestOneIDManyAnswers(t *testing.T) {
	t.Parallel()
	for name, database := range map[string]func(testing.TB) string{"sqlite": sqlitetest.File, "postgres": pgtest.URL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const unsaved = 3
			d := newDying(t, database(t))
			var begun, settled sync.WaitGroup
			begun.Add(unsaved + 1)
			settled.Add(unsaved)
			m := meeting{d.db.Turns(), &begun, &settled}
			req := question()
			var feeds []turn.Feed
			for i := range unsaved + 1 {
				s := d.process(m, meetingHolds{d.db.Quota(), m})
				t.Cleanup(func() { stopped(t, s) })
				again := req
				again.Ephemeral = i > 0
				feed, _, err := s.Begin(t.Context(), d.who, again, 0)
				if err != nil {
					t.Fatal(err)
				}
				feeds = append(feeds, feed)
			}
			for _, feed := range feeds {
				drain(t, feed)
			}
			d.settled(unsaved + 1)
			d.allCharged()
		})
	}
}

// question is a request for a turn in a conversation of its own.
func question() turn.Request {
	chat := conversation.ID(conversation.NewID())
	return turn.Request{ID: turn.ID(conversation.NewID()), Conversation: chat,
		Create:   &conversation.Conversation{ID: chat, Origin: conversation.FromAsk, Listed: true},
		Question: &turn.Question{ID: conversation.MessageID(conversation.NewID()), Parts: []conversation.Part{{Type: conversation.Text, Text: "hello"}}}}
}

// drain follows an answer to its end.
func drain(t *testing.T, feed turn.Feed) {
	t.Helper()
	defer feed.Close()
	for {
		if _, err := feed.Next(t.Context(), time.Second); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

// stopped ends a process that has nothing left to do.
func stopped(t *testing.T, s *turn.Service) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 30*time.Second)
	defer cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
}

// allCharged checks that each call in the ledger counts by a reservation of its
// own.
func (d *dying) allCharged() {
	d.Helper()
	rows, err := d.db.Ledger().Entries(d.Context(), d.who.Account, time.Time{}, 1000)
	if err != nil {
		d.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range rows {
		if !e.Charged || names[e.Reservation] {
			d.Errorf("row %+v", e)
		}
		names[e.Reservation] = true
	}
}
