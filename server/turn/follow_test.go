package turn_test

import (
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

func TestAnAnswerIsToldAndStored(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{used(10, 1), say("Hel"), after(time.Second, say("lo")), used(10, 2), stop()})
		req := h.question("Greet me.")
		got := read(t, h.begin(req))

		if got.text.String() != "Hello" {
			t.Errorf("told %q", &got.text)
		}
		m := h.stored(req.ID)
		if m.State != conversation.Complete || conversation.PlainText(m.Parts) != "Hello" || m.Finish != "stop" {
			t.Errorf("stored %+v", m)
		}
		if m.Usage.CostMicroUSD != 14 || !m.Usage.PriceKnown || m.Usage.Estimated {
			t.Errorf("usage %+v", m.Usage)
		}
		rows := h.store.entries()
		if len(rows) != 1 || rows[0].CostMicroUSD != 14 || rows[0].Outcome != usage.Completed || rows[0].Source != usage.Reported {
			t.Errorf("ledger %+v", rows)
		}
		if got.end.Title != "Greet me." {
			t.Errorf("title %q", got.end.Title)
		}
	})
}

func TestResumingAnywhereGivesTheRestOnce(t *testing.T) {
	inTime(t, func(t *testing.T) {
		reasoning := step{ev: provider.Event{Type: provider.ReasoningDelta, Text: "hm… "}}
		text := func(s string) step { st := say(s); st.ev.Part = 1; return st }
		h := open(t, []step{reasoning, after(time.Second, reasoning), text("né"), after(time.Second, text("e")), text("!"), stop()})
		req := h.question("?")
		whole := read(t, h.begin(req))
		const want = "hm… hm… née!"
		if whole.text.String() != want {
			t.Fatalf("told %q", &whole.text)
		}
		check := func(where string) {
			for _, from := range append([]int64{0}, whole.positions...) {
				feed, created, err := h.Begin(t.Context(), h.who, req, from)
				if err != nil || created {
					t.Fatalf("%s, from %d: created %v, %v", where, from, created, err)
				}
				got := read(t, feed)
				if rest := want[from:]; got.text.String() != rest || got.end == nil || got.snapshots > 0 {
					t.Errorf("%s, from %d: %q, want %q", where, from, &got.text, rest)
				}
			}
			feed, err := h.Attach(t.Context(), h.who, req.ID, int64(len(want)+7))
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, feed); got.snapshots != 1 || got.text.String() != want {
				t.Errorf("%s, beyond the end: %d snapshots, %q", where, got.snapshots, &got.text)
			}
		}
		check("from memory")
		pass(time.Minute) // the linger
		check("from the store")
	})
}

func TestTwoClientsSeeTheSame(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("a"), after(time.Second, say("b")), after(time.Second, say("c")), stop()})
		req := h.question("?")
		first := h.begin(req)
		pass(1500 * time.Millisecond)
		second, err := h.Attach(t.Context(), h.who, req.ID, 0)
		if err != nil {
			t.Fatal(err)
		}
		if one, two := read(t, first), read(t, second); one.text.String() != "abc" || two.text.String() != "abc" {
			t.Errorf("%q and %q", &one.text, &two.text)
		}
	})
}

func TestLeavingIsNotCancelling(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("a"), after(time.Hour/60, say("b")), stop()})
		req := h.question("?")
		ctx, leave := context.WithCancel(t.Context())
		feed, _, err := h.Begin(ctx, h.who, req, 0)
		if err != nil {
			t.Fatal(err)
		}
		leave()
		feed.Close()
		pass(2 * time.Minute)
		if m := h.stored(req.ID); m.State != conversation.Complete || conversation.PlainText(m.Parts) != "ab" {
			t.Errorf("stored %+v", m)
		}
	})
}
