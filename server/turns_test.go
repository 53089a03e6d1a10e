package server_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
)

// pieces are deltas whose characters have every length.
var pieces = []string{"One ", "zwei ", "drüi ", "日本", "語 ", "🎉🎉", "\n\n```go\n", "x := \"q\\\"\"\n```", " \u2028end", "."}

// Promise 16: whoever drops after any event and comes back hears the rest
// exactly once, and what was heard is what is stored.
func TestResumeAnywhere(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		live := w.begin(a)
		var heard []told
		heard = append(heard, live.until(wire.EventTurn)...)
		for _, p := range pieces {
			w.vendor.say(p)
			heard = append(heard, live.until(wire.EventDelta)...)
		}
		whole := strings.Join(pieces, "")

		// While it runs: from every position that has been given.
		for k, ev := range heard {
			again := w.follow(a, ev.id)
			got := append([]told(nil), heard[:k+1]...)
			for text(t, got) != whole {
				next, ok := again.next()
				if !ok {
					t.Fatalf("after event %d (%s): %q", k, ev.id, text(t, got))
				}
				got = append(got, next)
			}
			again.close()
		}

		w.vendor.say("")
		heard = append(heard, live.rest()...)
		if name, _ := ended(t, heard); name != wire.EventCompleted {
			t.Fatalf("ended as %s", name)
		}
		if _, stored := w.answer(a); stored != whole || text(t, heard) != whole {
			t.Fatalf("stored %q, heard %q, want %q", stored, text(t, heard), whole)
		}

		// After the end: from every position, forged ones in the middle of a
		// character and beyond the end included.
		for k, ev := range heard[:len(heard)-1] {
			rest := w.follow(a, ev.id).rest()
			if got := text(t, heard[:k+1]) + text(t, rest); got != whole {
				t.Errorf("after event %d: %q", k, got)
			}
			if name, _ := ended(t, rest); name != wire.EventCompleted {
				t.Errorf("after event %d: %s", k, name)
			}
		}
		for _, forged := range []string{"11", "12", "13", "19"} {
			rest := w.follow(a, forged).rest()
			if got := text(t, rest); !utf8.ValidString(got) || strings.ContainsRune(got, utf8.RuneError) || !strings.HasSuffix(whole, got) {
				t.Errorf("from %s: %q", forged, got)
			}
		}
		beyond := w.follow(a, "999999")
		if rest := beyond.rest(); text(t, rest) != whole && text(t, rest) != "" {
			t.Errorf("from beyond the end: %q", text(t, rest))
		}
	})
}

// Promises 16 and 7: the same request again attaches, and is asked for once.
func TestRepeatedTurnIsOne(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		first := w.begin(a)
		w.vendor.say("Hi", "")
		one, two := first.rest(), w.begin(a).rest()
		if text(t, one) != "Hi" || text(t, two) != "Hi" {
			t.Errorf("%q, then %q", text(t, one), text(t, two))
		}
		if n := len(w.vendor.asked); n != 1 {
			t.Errorf("the provider was called %d times", n)
		}
		other := a.body()
		other.Question.Parts[0].Text = "Something else."
		var p wire.Problem
		w.call(409, "POST", wire.ConversationPath(a.conversation, wire.BelowTurns), other, &p)
		if p.Code != wire.IDConflict {
			t.Errorf("%+v", p)
		}
		var page wire.MessagePage
		w.call(200, "GET", wire.ConversationPath(a.conversation, wire.BelowMessages), nil, &page)
		if len(page.Messages) != 2 {
			t.Errorf("%d messages", len(page.Messages))
		}
	})
}

// Promise 17: disconnecting is not cancelling.
func TestDisconnectingIsNotCancelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "")
	a := newAsking()
	s := w.begin(a)
	w.vendor.say("Hello")
	s.until(wire.EventDelta)
	s.close()
	w.vendor.say(", world", "")
	rest := w.follow(a, "").rest()
	if name, end := ended(t, rest); name != wire.EventCompleted || end.Message.Usage == nil || end.Message.Usage.Output != 2 {
		t.Errorf("%s %+v", name, end.Message)
	}
	if _, stored := w.answer(a); stored != "Hello, world" {
		t.Errorf("stored %q", stored)
	}
}

// Promise 17: cancelling reaches the provider and keeps what has arrived.
func TestCancelling(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		a := newAsking()
		s := w.begin(a)
		w.vendor.say("Partial")
		heard := s.until(wire.EventDelta)
		for range 2 { // the second is nothing
			w.call(204, "POST", wire.TurnPath(a.answer, wire.BelowCancel), nil, nil)
		}
		<-w.vendor.gone
		heard = append(heard, s.rest()...)
		if name, _ := ended(t, heard); name != wire.EventCancelled {
			t.Errorf("ended as %s", name)
		}
		if m, stored := w.answer(a); stored != "Partial" || m.State != wire.StateCancelled {
			t.Errorf("stored %q, %s", stored, m.State)
		}
		w.call(204, "POST", wire.TurnPath(a.answer, wire.BelowCancel), nil, nil)
	})
}

// Promise 24: of two turns sent to one conversation at once one runs, and the
// other is told which.
func TestTwoTurnsAtOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		var head wire.Conversation
		id := conversation.NewID()
		w.call(201, "POST", wire.PathConversations, wire.NewConversation{ID: id}, &head)
		const n = 8
		statuses := make([]int, n)
		subjects := make([]string, n)
		askings := make([]asking, n)
		var group sync.WaitGroup
		for i := range n {
			askings[i] = newAsking()
			askings[i].conversation = id
			body := askings[i].body()
			body.Create = nil
			group.Go(func() {
				resp := w.request(t.Context(), "POST", wire.ConversationPath(id, wire.BelowTurns), body, "Accept", "application/json")
				defer func() { _ = resp.Body.Close() }()
				statuses[i] = resp.StatusCode
				if resp.StatusCode == http.StatusConflict {
					subjects[i] = readProblem(t, resp).Subject
				}
			})
		}
		group.Wait()
		running := ""
		for i, status := range statuses {
			switch {
			case status == http.StatusCreated && running == "":
				running = askings[i].answer
			case status != http.StatusConflict:
				t.Fatalf("statuses %v", statuses)
			}
		}
		for i, status := range statuses {
			if status == http.StatusConflict && subjects[i] != running {
				t.Errorf("told %q, and %q runs", subjects[i], running)
			}
		}
		w.call(200, "GET", wire.ConversationPath(id), nil, &head)
		if head.Running != running {
			t.Errorf("the conversation says that %q runs", head.Running)
		}
		w.vendor.say("A", "")
	})
}

// A change of one client is told to another that listens, on any connection.
func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, database string) {
		w := newWorld(t, database)
		events := w.open("GET", wire.PathEvents, nil)
		a := newAsking()
		s := w.begin(a)
		w.vendor.say("x", "")
		_, end := ended(t, s.rest())
		var rev wire.Changed
		for {
			ev, ok := events.next()
			if !ok {
				t.Fatal("the stream of changes ended")
			}
			decode(t, ev.data, &rev)
			var page wire.SyncPage
			w.call(200, "GET", wire.PathSync+"?after=0", nil, &page)
			if page.Rev == rev.Rev && len(page.Messages) == 2 {
				break
			}
		}
		if end.Message.ID != a.answer {
			t.Errorf("%+v", end)
		}
	})
}
