//go:build unix

package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/servertest"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// Promise 32, on a Postgres that goes away and comes back: while it is away no
// provider is called; an answer that runs is delivered, and what it cost is
// stored afterwards, exactly.
func TestADatabaseThatGoesAway(t *testing.T) {
	t.Parallel()
	postgres := pgtest.Own(t)
	w := newWorld(t, postgres.URL, func(o *servertest.Options) {
		o.Server.Turn = turn.Options{Lease: time.Second, Checkpoint: 50 * time.Millisecond}
	})
	running, last := newAsking(), newAsking()
	s := w.begin(running)
	w.vendor.say("One ")
	heard := s.until(wire.EventDelta)
	<-w.vendor.asked

	postgres.Stop()
	p, _ := w.refused(newAsking())
	if p.Status != http.StatusServiceUnavailable || p.Code != wire.Unavailable {
		t.Errorf("refused with %+v", p)
	}
	w.vendor.say("two")
	heard = append(heard, s.until(wire.EventDelta)...)
	w.vendor.say("")
	if len(w.vendor.asked) > 0 {
		t.Error("a provider was called for what could not be reserved")
	}

	postgres.Start()
	heard = append(heard, s.rest()...)
	if name, _ := ended(t, heard); name != wire.EventCompleted || text(t, heard) != "One two" {
		t.Errorf("ended as %s: %q", name, text(t, heard))
	}
	if m, stored := w.answer(running); stored != "One two" || m.State != wire.StateComplete {
		t.Errorf("stored %q, %s", stored, m.State)
	}
	w.vendor.say("again", "")
	w.begin(last).rest()

	who, err := w.server.DB().Identities().Users(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var rows []usage.Entry
	for _, u := range who {
		own, err := w.server.DB().Ledger().Entries(t.Context(), u.Account, time.Time{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, own...)
	}
	if len(rows) != 2 {
		t.Errorf("%d rows", len(rows))
	}
	for _, e := range rows {
		if e.Source != usage.Reported || !e.Charged || e.Tokens.Input != 3 || e.Tokens.Output != 2 || e.Outcome != usage.Completed {
			t.Errorf("row %+v", e)
		}
	}
}
