package turn_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// once makes the first call of each named method slow; see memory.slow, which is
// called under the memory's lock.
func once(d time.Duration, methods ...string) func(string) time.Duration {
	left := map[string]bool{}
	for _, m := range methods {
		left[m] = true
	}
	return func(method string) time.Duration {
		if !left[method] {
			return 0
		}
		left[method] = false
		return d
	}
}

// A database so slow that a lease runs out lets this process claim its own
// turn, under a checkpoint that is still on its way.
func TestATurnThatItsOwnProcessClaimsLivesOn(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("one "), after(50*time.Second, say("two")), after(10*time.Second, stop())})
		h.store.hinder(once(29*time.Second, "Checkpoint"))
		req := h.question("?")
		feed := h.begin(req)
		synctest.Wait()
		ref := turn.Ref{Account: "a", ID: req.ID}
		h.store.mu.Lock()
		h.store.leases[ref] = time.Now()
		h.store.mu.Unlock()
		pass(55 * time.Second)
		if text, _, _ := h.store.Chunks(t.Context(), ref, 0); string(text) != "one two" {
			t.Errorf("the store has %q", text)
		}
		if got := read(t, feed); got.end.Answer.State != conversation.Complete || got.text.String() != "one two" {
			t.Errorf("told %q, %+v", &got.text, got.end.Answer)
		}
		if rec, _ := h.store.Get(t.Context(), ref); rec.Epoch != 2 || rec.State != turn.Completed {
			t.Errorf("the turn is %+v", rec)
		}
	})
}

func TestAnEndUnderAnOldEpochIsStoredUnderTheNewOne(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("kept"), stop()})
		h.store.hinder(once(29*time.Second, "Checkpoint", "Finish"))
		req := h.question("?")
		feed := h.begin(req)
		synctest.Wait()
		ref := turn.Ref{Account: "a", ID: req.ID}
		h.store.mu.Lock()
		h.store.leases[ref] = time.Now()
		h.store.mu.Unlock()
		if got := read(t, feed); got.end.Answer.State != conversation.Complete {
			t.Errorf("told %+v", got.end.Answer)
		}
		pass(time.Minute)
		if m := h.stored(req.ID); m.State != conversation.Complete || len(h.store.entries()) != 1 {
			t.Errorf("stored %+v, %d rows", m, len(h.store.entries()))
		}
	})
}

func TestADatabaseThatIsAwayForLong(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{used(10, 1), say("kept"), after(2*time.Second, used(10, 2)), stop()})
		req := h.question("?")
		feed := h.begin(req)
		pass(500 * time.Millisecond)
		h.store.fail(fault.Wrap(errors.New("gone"), fault.Unavailable, ""))
		if got := read(t, feed); got.end.Answer.State != conversation.Complete {
			t.Errorf("told %+v", got.end.Answer)
		}
		if n := h.Running(); n != 1 {
			t.Errorf("%d running while an end is owed", n)
		}
		pass(5 * time.Minute)
		h.store.fail(nil)
		pass(time.Minute)
		rows := h.store.entries()
		if len(rows) != 1 || rows[0].Source != usage.Reported || rows[0].Outcome != usage.Completed {
			t.Errorf("ledger %+v", rows)
		}
		if m := h.stored(req.ID); m.State != conversation.Complete || conversation.PlainText(m.Parts) != "kept" {
			t.Errorf("stored %+v", m)
		}
		if n := h.Running(); n != 0 {
			t.Errorf("%d running", n)
		}
	})
}

// A turn that is gone from the store, with its user, ends at once and is settled by
// the only one who knows what it used, also where the database goes away meanwhile.
func TestATurnThatIsGoneIsSettled(t *testing.T) {
	inTime(t, func(t *testing.T) {
		for _, outage := range []bool{false, true} {
			m := newMeter()
			h := openMetered(t, m, []step{used(10, 1), say("12345678"), after(time.Hour, stop())})
			req := h.question("?")
			feed := h.begin(req)
			synctest.Wait()
			if outage {
				m.fail(errAway)
			}
			h.store.mu.Lock()
			delete(h.store.turns, turn.Ref{Account: "a", ID: req.ID})
			h.store.mu.Unlock()
			got := read(t, feed)
			if got.end.Answer.State != conversation.Cancelled {
				t.Errorf("ended %+v", got.end.Answer)
			}
			m.fail(nil)
			pass(time.Minute)
			m.mu.Lock()
			rows := m.settled[string(req.ID)]
			m.mu.Unlock()
			if len(rows) != 1 || rows[0].Tokens.Input != 10 || rows[0].Tokens.Output != 2 || rows[0].Outcome != usage.Cancelled {
				t.Errorf("settled %+v", rows)
			}
			if n := h.Running(); n != 0 || len(h.store.entries()) != 0 {
				t.Errorf("%d running, rows %+v", n, h.store.entries())
			}
			m.free(t)
		}
	})
}

func TestStoppingWithoutADatabaseEnds(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := build(t, newMemory(), []step{say("a"), stop()})
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		h.begin(h.question("?")).Close()
		h.store.fail(fault.Wrap(errors.New("gone"), fault.Unavailable, ""))
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		begun := time.Now()
		if err := h.Stop(ctx); err != nil {
			t.Error(err)
		}
		if took := time.Since(begun); took > 11*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestADeadTurnThatCannotBeEndedHoldsUpNoOther(t *testing.T) {
	inTime(t, func(t *testing.T) {
		store := newMemory()
		h := buildWith(t, store, func(o *turn.Options) { o.Exclusive = true }, []step{stop()})
		var ids []turn.ID
		for range 20 {
			h.conv = conversation.ID(conversation.NewID())
			req := h.question("?")
			rec := turn.Record{Ref: turn.Ref{Account: "a", ID: req.ID}, Conversation: h.conv, Question: req.Question.ID, Model: model, Owner: "dead"}
			ask := conversation.Message{ID: req.Question.ID, Role: conversation.User, Parts: req.Question.Parts}
			if _, _, err := store.Begin(t.Context(), turn.BeginParams{Create: req.Create, Record: rec, Ask: &ask, Now: time.Now()}); err != nil {
				t.Fatal(err)
			}
			ids = append(ids, req.ID)
		}
		store.poison = ids[0]
		pass(time.Second)
		if err := h.Start(t.Context()); err != nil {
			t.Fatalf("one bad turn keeps the server from starting: %v", err)
		}
		defer func() { _ = h.Stop(t.Context()) }()
		for _, id := range ids[1:] {
			if m := h.stored(id); m.State != conversation.Interrupted {
				t.Errorf("%s is %q", id, m.State)
			}
		}
	})
}

func TestTheEndOfADeletedConversationsTurnIsTold(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("a"), stop()})
		req := h.question("?")
		read(t, h.begin(req))
		pass(time.Minute)
		h.store.mu.Lock()
		delete(h.store.messages, req.ID)
		h.store.mu.Unlock()
		feed, err := h.Attach(t.Context(), h.who, req.ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		if got := read(t, feed); got.end == nil || got.end.Answer.State != conversation.Complete {
			t.Errorf("ended %+v", got.end)
		}
	})
}
