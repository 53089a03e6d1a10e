package turn_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// hanging makes methods take for ever.
func hanging(methods ...string) func(string) time.Duration {
	return func(method string) time.Duration {
		if slices.Contains(methods, method) {
			return 24 * time.Hour
		}
		return 0
	}
}

// wantReported checks that the ledger has one row, with what the provider said.
func wantReported(t *testing.T, h *house, output int64) {
	t.Helper()
	rows := h.store.entries()
	if len(rows) != 1 || rows[0].Source != usage.Reported || rows[0].Outcome != usage.Completed || rows[0].Tokens.Output != output {
		t.Errorf("ledger %+v", rows)
	}
}

// Promise 32: a database that does not answer is as good as away. The end is told
// meanwhile, and what the provider reported is stored when it answers.
func TestADatabaseThatDoesNotAnswer(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("kept"), used(10, 2), stop()})
		h.store.hinder(hanging("Finish"))
		req := h.question("?")
		begun := time.Now()
		if got := read(t, h.begin(req)); got.end.Answer.State != conversation.Complete || got.text.String() != "kept" {
			t.Errorf("told %q, %+v", &got.text, got.end.Answer)
		}
		if took := time.Since(begun); took > 30*time.Second {
			t.Errorf("the end was told after %v", took)
		}
		pass(10 * time.Minute)
		h.store.hinder(nil)
		pass(time.Minute)
		wantReported(t, h, 2)
		if m := h.stored(req.ID); m.State != conversation.Complete || h.Running() != 0 {
			t.Errorf("stored %+v, %d running", m, h.Running())
		}
	})
}

// Promise 22: not even such a database keeps a server from ending.
func TestStoppingWhileTheDatabaseDoesNotAnswer(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := build(t, newMemory(), []step{say("a"), used(10, 2), stop()}, []step{say("a"), after(time.Hour, stop())})
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.store.hinder(hanging("Finish", "Checkpoint", "Claim"))
		h.begin(h.question("?")).Close()
		h.conv = conversation.ID(conversation.NewID())
		h.begin(h.question("?")).Close()
		pass(20 * time.Second)
		const grace = 10 * time.Second
		ctx, cancel := context.WithTimeout(t.Context(), grace)
		defer cancel()
		begun := time.Now()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > grace+4*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// Promise 27: when the database comes back, those who live have outlived their
// leases. Nobody takes their turns for dead ones.
func TestTheLivingAreNotBuriedAfterAnOutage(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("one "), after(50*time.Second, say("two ")), after(50*time.Second, say("three")), used(10, 2), stop()})
		other := build(t, h.store, []step{stop()})
		if err := other.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = other.Stop(t.Context()) }()
		req := h.question("?")
		feed := h.begin(req)
		pass(5 * time.Second)
		h.store.fail(errAway)
		pass(time.Minute)
		restarted := build(t, h.store, []step{stop()})
		h.store.fail(nil)
		if err := restarted.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = restarted.Stop(t.Context()) }()
		if got := read(t, feed); got.end.Answer.State != conversation.Complete || got.text.String() != "one two three" {
			t.Errorf("told %q, %+v", &got.text, got.end.Answer)
		}
		wantReported(t, h, 2)
		if rec, err := h.store.Get(t.Context(), turn.Ref{Account: "a", ID: req.ID}); err != nil || rec.State != turn.Completed {
			t.Errorf("the turn is %+v, %v", rec, err)
		}
	})
}

// What a title has cost is kept as an answer's is.
func TestATitlesCostOutlivesAnOutage(t *testing.T) {
	inTime(t, func(t *testing.T) {
		m := newMeter()
		h := openMetered(t, m, []step{say("answer"), used(1, 1), stop()}, []step{say("A title"), after(time.Second, used(5, 6)), stop()})
		req := h.question("What is this?")
		req.Create.Origin = conversation.FromChat
		read(t, h.begin(req))
		synctest.Wait()
		m.fail(errAway)
		pass(10 * time.Minute)
		synctest.Wait()
		if len(m.settled) != 0 || len(m.held) != 1 {
			t.Fatalf("held %v, settled %v", m.held, m.settled)
		}
		m.fail(nil)
		pass(time.Minute)
		synctest.Wait()
		for id, rows := range m.settled {
			if len(rows) != 1 || rows[0].Tokens.Output != 6 || rows[0].Source != usage.Reported || m.held[id] {
				t.Errorf("settled %+v", rows)
			}
		}
		if len(m.settled) != 1 {
			t.Errorf("settled %v", m.settled)
		}
	})
}
