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

func TestStoppingLetsTurnsFinish(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("a"), after(5*time.Second, say("b")), stop()})
		req := h.question("?")
		feed := h.begin(req)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		stopped := make(chan error)
		go func() { stopped <- h.Stop(ctx) }()
		synctest.Wait()
		if _, _, err := h.Begin(t.Context(), h.who, h.question("late"), 0); !fault.Is(err, fault.Unavailable) {
			t.Errorf("a new turn while stopping: %v", err)
		}
		if again, created, err := h.Begin(t.Context(), h.who, req, 0); err != nil || created {
			t.Errorf("a repeated one: created %v, %v", created, err)
		} else {
			again.Close()
		}
		if got := read(t, feed); got.text.String() != "ab" || got.end.Answer.State != conversation.Complete {
			t.Errorf("told %q, %+v", &got.text, got.end)
		}
		if err := <-stopped; err != nil {
			t.Error(err)
		}
	})
}

func TestTheGraceEnds(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("half"), after(time.Minute, say("never")), stop()})
		req := h.question("?")
		feed := h.begin(req)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		go func() { _ = h.Stop(ctx) }()
		got := read(t, feed)
		if got.end.Answer.State != conversation.Interrupted || got.text.String() != "half" {
			t.Errorf("told %q, %+v", &got.text, got.end.Answer)
		}
		if m := h.stored(req.ID); m.State != conversation.Interrupted || conversation.PlainText(m.Parts) != "half" {
			t.Errorf("stored %+v", m)
		}
	})
}

// A process that dies is one whose service is never stopped and whose
// checkpoints cease: here, one that never had any but those written by hand.
func TestTheDeadAreBuriedOnce(t *testing.T) {
	inTime(t, func(t *testing.T) {
		store := newMemory()
		dead := build(t, store)
		req := dead.question("a question")
		ref := turn.Ref{Account: "a", ID: req.ID}
		rec := turn.Record{Ref: ref, Conversation: dead.conv, Question: req.Question.ID, Member: "u", Model: model, Owner: "dead"}
		ask := conversation.Message{ID: req.Question.ID, Role: conversation.User, Parts: req.Question.Parts}
		if _, _, err := store.Begin(t.Context(), turn.BeginParams{Create: req.Create, Record: rec, Ask: &ask, Lease: 15 * time.Second, Now: time.Now()}); err != nil {
			t.Fatal(err)
		}
		chunk := turn.Chunk{Ref: ref, Epoch: 1, Text: []byte("what was"), Runs: []turn.Run{{Kind: turn.RunText, End: 8}}}
		if _, _, err := store.Checkpoint(t.Context(), "dead", 15*time.Second, []turn.Ref{ref}, []turn.Chunk{chunk}); err != nil {
			t.Fatal(err)
		}

		h := build(t, store, []step{stop()})
		if err := h.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = h.Stop(t.Context()) }()
		if status, err := h.Status(t.Context(), h.who, req.ID); err != nil || status.State != turn.Running {
			t.Fatalf("before its lease is out: %+v, %v", status, err)
		}
		feed, err := h.Attach(t.Context(), h.who, req.ID, 20) // the client had seen more than was stored
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, feed)
		if got.snapshots != 1 || got.text.String() != "what was" || got.end.Answer.State != conversation.Interrupted {
			t.Errorf("told %d snapshots, %q, %+v", got.snapshots, &got.text, got.end)
		}
		rows := store.entries()
		if len(rows) != 1 || rows[0].Outcome != usage.Interrupted || rows[0].Source != usage.Estimated || rows[0].CostMicroUSD == 0 {
			t.Errorf("ledger %+v", rows)
		}
		pass(5 * time.Minute)
		if rows := store.entries(); len(rows) != 1 {
			t.Errorf("%d rows after five minutes", len(rows))
		}
	})
}

func TestTextGoesToTheStoreAsItComes(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("one "), after(3*time.Second, say("two ")), after(3*time.Second, say("three")), stop()})
		req := h.question("?")
		feed := h.begin(req)
		pass(1500 * time.Millisecond)
		ref := turn.Ref{Account: "a", ID: req.ID}
		if text, _, _ := h.store.Chunks(t.Context(), ref, 0); string(text) != "one " {
			t.Errorf("after 1.5 s the store has %q", text)
		}
		pass(3 * time.Second)
		if text, runs, _ := h.store.Chunks(t.Context(), ref, 0); string(text) != "one two " || len(turn.Parts(text, runs)) != 1 {
			t.Errorf("after 4.5 s the store has %q, %+v", text, runs)
		}
		read(t, feed)
	})
}

func TestACancelThatReachedAnotherProcess(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("half"), after(time.Minute, say("never"))})
		req := h.question("?")
		feed := h.begin(req)
		if err := h.store.AskCancel(t.Context(), turn.Ref{Account: "a", ID: req.ID}); err != nil {
			t.Fatal(err)
		}
		begun := time.Now()
		if got := read(t, feed); got.end.Answer.State != conversation.Cancelled {
			t.Errorf("ended %+v", got.end)
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

func TestATurnThatWasTakenOverGivesWay(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("ours"), after(time.Minute, say("never"))})
		req := h.question("?")
		feed := h.begin(req)
		synctest.Wait()
		ref := turn.Ref{Account: "a", ID: req.ID}
		theirs := conversation.Message{ID: req.ID, State: conversation.Interrupted, Parts: []conversation.Part{{Type: conversation.Text, Text: "ou"}}}
		if _, err := h.store.Claim(t.Context(), "them", time.Minute, true, 1); err != nil {
			t.Fatal(err)
		}
		if ok, _, err := h.store.Finish(t.Context(), turn.FinishParams{Ref: ref, Epoch: 2, State: turn.Interrupted, Answer: theirs}); !ok || err != nil {
			t.Fatal(ok, err)
		}
		got := read(t, feed)
		if got.end.Answer.State != conversation.Interrupted || conversation.PlainText(got.end.Answer.Parts) != "ou" {
			t.Errorf("ended %+v", got.end.Answer)
		}
		if got.snapshots != 1 || got.text.String() != "ou" {
			t.Errorf("%d snapshots, and the client is left with %q", got.snapshots, &got.text)
		}
		if m := h.stored(req.ID); conversation.PlainText(m.Parts) != "ou" {
			t.Errorf("our text went over theirs: %+v", m)
		}
	})
}

func TestADatabaseThatIsAwayAtTheEnd(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("kept"), after(2*time.Second, stop())})
		req := h.question("?")
		feed := h.begin(req)
		h.store.fail(fault.Wrap(errors.New("gone"), fault.Unavailable, ""))
		pass(5 * time.Second)
		h.store.fail(nil)
		if got := read(t, feed); got.end.Answer.State != conversation.Complete {
			t.Errorf("ended %+v", got.end.Answer)
		}
		if m := h.stored(req.ID); conversation.PlainText(m.Parts) != "kept" || len(h.store.entries()) != 1 {
			t.Errorf("stored %+v, %d rows", m, len(h.store.entries()))
		}
	})
}
