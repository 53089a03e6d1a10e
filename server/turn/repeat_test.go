package turn_test

import (
	"context"
	"encoding/hex"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
)

// What has happened since a turn began is no reason to refuse its repetition.
func TestARepetitionFindsItsTurnWhateverHappenedSince(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("first"), stop()}, []step{say("second"), after(time.Hour/60, stop())})
		first := h.question("first")
		read(t, h.begin(first))
		pass(time.Minute) // the linger
		h.begin(h.question("second")).Close()

		feed, created, err := h.Begin(t.Context(), h.who, first, 0)
		if err != nil || created {
			t.Fatalf("while another turn runs: created %v, %v", created, err)
		}
		if got := read(t, feed); got.text.String() != "first" {
			t.Errorf("told %q", &got.text)
		}
		other := first
		other.Root = true
		if _, _, err := h.Begin(t.Context(), h.who, other, 0); !fault.Is(err, fault.IDConflict) {
			t.Errorf("another request under that id: %v", err)
		}
		h.Retire()
		if _, _, err := h.Begin(t.Context(), h.who, other, 0); !fault.Is(err, fault.IDConflict) {
			t.Errorf("the same of a server that is about to stop: %v", err)
		}
	})
}

// A client whose connection broke before its turn began, and that repeats the
// request at once, gets its answer.
func TestLeavingBeforeATurnHasBegun(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("once"), stop()})
		h.store.hinder(once(5*time.Second, "Begin"))
		req := h.question("?")
		ctx, leave := context.WithCancel(t.Context())
		go func() {
			if feed, _, err := h.Begin(ctx, h.who, req, 0); err == nil {
				feed.Close()
			}
		}()
		synctest.Wait()
		again := make(chan struct{})
		go func() {
			defer close(again)
			feed, created, err := h.Begin(t.Context(), h.who, req, 0)
			if err != nil || created {
				t.Errorf("created %v, %v", created, err)
				return
			}
			if got := read(t, feed); got.text.String() != "once" {
				t.Errorf("told %q", &got.text)
			}
		}()
		synctest.Wait()
		leave()
		<-again
	})
}

// A request that would create a conversation which is there by now, and has
// gone on, is answered in that one: with its history, its model and its words.
func TestAConversationThatIsThereAlready(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("one"), stop()}, []step{say("two"), stop()})
		read(t, h.begin(h.question("first")))
		again := h.question("second")
		again.Create.Model, again.Create.System = "nobody/nothing", "other words"
		read(t, h.begin(again))
		if asked := h.script.asked(1); len(asked.Messages) != 3 || asked.System != "" {
			t.Errorf("%d messages, system %q", len(asked.Messages), asked.System)
		}
	})
}

func TestCancellingWhatCouldNotBegin(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{stop()})
		h.store.hinder(once(5*time.Second, "Get"))
		req := h.question("?")
		req.Model = "nobody/nothing"
		refused := make(chan error, 1)
		go func() { _, _, err := h.Begin(t.Context(), h.who, req, 0); refused <- err }()
		synctest.Wait()
		if err := h.Cancel(t.Context(), h.who, req.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("cancel: %v", err)
		}
		if err := <-refused; !fault.Is(err, fault.ModelUnknown) {
			t.Errorf("begin: %v", err)
		}
	})
}

// Digests are stored: a program that makes others refuses the repetition of what
// an older one began.
func TestDigestsStayTheSame(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{stop()})
		system, tokens, heat := "s", int64(5), 0.5
		id := func(n string) string { return "01900000-0000-7000-8000-00000000000" + n }
		h.conv = conversation.ID(id("1"))
		req := h.question("?")
		req.ID, req.Question.ID = turn.ID(id("2")), conversation.MessageID(id("3"))
		req.Model, req.System, req.MaxTokens, req.Temperature = model, &system, &tokens, &heat
		req.Env = map[string]string{"OPENAI_API_KEY": "secret"}
		read(t, h.begin(req))
		rec, err := h.store.Get(t.Context(), turn.Ref{Account: "a", ID: req.ID})
		if err != nil {
			t.Fatal(err)
		}
		const want = "7e6cc4ad78ba4b043e6e6bed80830ca63454d9bb5bb8fd7e2dd46dbe013862d2"
		if got := hex.EncodeToString(rec.Digest); got != want {
			t.Errorf("got %s", got)
		}
	})
}
