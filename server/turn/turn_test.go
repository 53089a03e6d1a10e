package turn_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

func (h *house) stored(id turn.ID) conversation.Message {
	h.t.Helper()
	m, err := chats{h.store}.Message(h.t.Context(), "a", id)
	if err != nil {
		h.t.Fatal(err)
	}
	return m
}

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

func TestCancelling(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{used(10, 1), say("half"), after(time.Minute, say("never")), stop()})
		req := h.question("?")
		feed := h.begin(req)
		pass(time.Second)
		begun := time.Now()
		for range 2 {
			if err := h.Cancel(t.Context(), h.who, req.ID); err != nil {
				t.Fatal(err)
			}
		}
		got := read(t, feed)
		if took := time.Since(begun); took > time.Second {
			t.Errorf("the provider was left after %v", took)
		}
		if _, closed := h.script.count(); closed != 1 {
			t.Error("the provider's stream was not closed")
		}
		m := h.stored(req.ID)
		if got.end.Answer.State != conversation.Cancelled || conversation.PlainText(m.Parts) != "half" || m.ErrorCode != "cancelled" {
			t.Errorf("ended %+v", m)
		}
		row := h.store.entries()[0]
		if row.Outcome != usage.Cancelled || row.Tokens.Input != 10 || row.Source != usage.Estimated || row.CostMicroUSD == 0 {
			t.Errorf("ledger %+v", row)
		}
		if err := h.Cancel(t.Context(), h.who, req.ID); err != nil {
			t.Errorf("cancelling what has ended: %v", err)
		}
	})
}

func TestSilenceIsFilledThenEnded(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("and then"), after(time.Hour, say("never"))})
		req := h.question("?")
		got := read(t, h.begin(req))
		if got.end.Answer.ErrorCode != "provider_timeout" || got.end.Answer.State != conversation.Failed {
			t.Errorf("ended %+v", got.end.Answer)
		}
		if want := int(3 * time.Minute / (15 * time.Second)); got.idle < want-1 {
			t.Errorf("%d idle updates in three minutes, want about %d", got.idle, want)
		}
	})
}

func TestTroubleBeforeTheFirstTokenIsTriedAgain(t *testing.T) {
	t.Parallel()
	overloaded := fault.New(fault.ProviderOverloaded, "")
	limited := &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: 5 * time.Second}
	longer := &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: time.Hour}
	fine := []step{say("yes"), stop()}
	for _, tc := range []struct {
		name  string
		calls [][]step
		want  string // the error's code; empty: none
		tries int
		rows  int
		least time.Duration
	}{
		{"refused, then fine", [][]step{{refused(overloaded)}, fine}, "", 2, 1, time.Second},
		{"broken before a token, then fine", [][]step{{broken(fault.New(fault.ProviderTruncated, ""))}, fine}, "", 2, 2, time.Second},
		{"its own patience is kept", [][]step{{refused(limited)}, fine}, "", 2, 1, 5 * time.Second},
		{"asked to wait too long", [][]step{{refused(longer)}, fine}, "provider_rate_limited", 1, 0, 0},
		{"for ever", [][]step{{refused(overloaded)}}, "provider_overloaded", 3, 0, 3 * time.Second},
		{"after a token", [][]step{{say("no"), broken(overloaded)}, fine}, "provider_overloaded", 1, 1, 0},
		{"not passing", [][]step{{refused(fault.New(fault.ProviderAuth, ""))}, fine}, "provider_auth", 1, 0, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				h := open(t, tc.calls...)
				begun := time.Now()
				got := read(t, h.begin(h.question("?")))
				if got.end.Answer.ErrorCode != tc.want {
					t.Errorf("ended with %q, want %q", got.end.Answer.ErrorCode, tc.want)
				}
				tries, _ := h.script.count()
				if tries != tc.tries || len(got.notices) != tc.tries-1 {
					t.Errorf("%d tries, %d notices, want %d tries", tries, len(got.notices), tc.tries)
				}
				if rows := h.store.entries(); len(rows) != tc.rows {
					t.Errorf("%d rows, want %d", len(rows), tc.rows)
				}
				if took := time.Since(begun); took < tc.least {
					t.Errorf("took %v, want at least %v", took, tc.least)
				}
			})
		})
	}
}

func TestOneTurnAtATime(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("a"), after(time.Minute, say("b")), stop()})
		first := h.question("first")
		h.begin(first).Close()
		_, _, err := h.Begin(t.Context(), h.who, h.question("second"), 0)
		if f := fault.Of(err); f.Kind != fault.TurnRunning || f.Subject != string(first.ID) {
			t.Errorf("the second was told %v", err)
		}
		again := first
		again.Question = &turn.Question{ID: first.Question.ID, Parts: []conversation.Part{{Type: conversation.Text, Text: "other"}}}
		if _, _, err := h.Begin(t.Context(), h.who, again, 0); !fault.Is(err, fault.IDConflict) {
			t.Errorf("the same id with another question: %v", err)
		}
	})
}

// A question that names no parent follows what is there when it is stored, not
// what was there when the server looked.
func TestQuestionsWithoutAParentFollowEachOther(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("an answer"), stop()})
		read(t, h.begin(h.question("first")))
		h.store.hinder(once(5*time.Second, "Branch"))
		late, early := h.question("late"), h.question("early")
		var told string
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			feed, created, err := h.Begin(t.Context(), h.who, late, 0)
			if err != nil || !created {
				t.Errorf("created %v, %v", created, err)
				return
			}
			told = read(t, feed).text.String()
		}()
		synctest.Wait()
		read(t, h.begin(early))
		<-ended
		got, err := chats{h.store}.Message(t.Context(), "a", late.Question.ID)
		if err != nil || got.Parent != early.ID {
			t.Errorf("the late question follows %s, want %s (%v)", got.Parent, early.ID, err)
		}
		if told != "an answer" || len(h.script.asked(2).Messages) != 5 {
			t.Errorf("told %q, the model saw %d messages", told, len(h.script.asked(2).Messages))
		}
	})
}

func TestOneOfManyRepetitionsBegins(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("once"), after(time.Second, stop())})
		req := h.question("?")
		results := make(chan bool)
		for range 20 {
			go func() {
				feed, created, err := h.Begin(t.Context(), h.who, req, 0)
				if err != nil {
					t.Error(err)
				} else if got := read(t, feed); got.text.String() != "once" {
					t.Errorf("told %q", &got.text)
				}
				results <- created
			}()
		}
		created := 0
		for range 20 {
			if <-results {
				created++
			}
		}
		if calls, _ := h.script.count(); created != 1 || calls != 1 {
			t.Errorf("%d created, %d calls", created, calls)
		}
	})
}

func TestWhatIsRefusedIsNotStored(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("never"), stop()})
		negative, zero, hot := int64(-1), int64(0), 2.5
		huge := int64(1 << 62)
		for _, tc := range []struct {
			name   string
			change func(*turn.Request)
			want   fault.Kind
		}{
			{"no question", func(r *turn.Request) { r.Question = nil }, fault.Invalid},
			{"empty question", func(r *turn.Request) { r.Question.Parts[0].Text = "" }, fault.Invalid},
			{"a NUL", func(r *turn.Request) { r.Question.Parts[0].Text = "a\x00b" }, fault.TextInvalid},
			{"no UTF-8", func(r *turn.Request) { r.Question.Parts[0].Text = "a\xffb" }, fault.TextInvalid},
			{"an odd id", func(r *turn.Request) { r.ID = "mine" }, fault.Invalid},
			{"max_tokens -1", func(r *turn.Request) { r.MaxTokens = &negative }, fault.Invalid},
			{"max_tokens 0", func(r *turn.Request) { r.MaxTokens = &zero }, fault.Invalid},
			{"max_tokens huge", func(r *turn.Request) { r.MaxTokens = &huge }, fault.Invalid},
			{"temperature", func(r *turn.Request) { r.Temperature = &hot }, fault.Invalid},
			{"unknown model", func(r *turn.Request) { r.Model = "nobody/nothing" }, fault.ModelUnknown},
			{"no key", func(r *turn.Request) { r.Model = "anthropic/whatever" }, fault.NoKey},
			{"too long", func(r *turn.Request) { r.Question.Parts[0].Text = strings.Repeat("word ", 1000) }, fault.ContextTooLong},
			{"a parent in nothing", func(r *turn.Request) { r.Parent = conversation.MessageID(conversation.NewID()) }, fault.NotFound},
			{"no conversation", func(r *turn.Request) { r.Create = nil }, fault.NotFound},
		} {
			req := h.question("fine")
			tc.change(&req)
			if _, _, err := h.Begin(t.Context(), h.who, req, 0); !fault.Is(err, tc.want) {
				t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
			}
		}
		if calls, _ := h.script.count(); calls != 0 || len(h.store.messages) != 0 || h.Running() != 0 {
			t.Errorf("%d calls, %d messages, %d running", calls, len(h.store.messages), h.Running())
		}
	})
}

func TestTheOldestIsLeftOutOfAFullWindow(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say(strings.Repeat("x", 800)), stop()})
		for range 4 {
			read(t, h.begin(h.question(strings.Repeat("word ", 80))))
		}
		got := read(t, h.begin(h.question("the newest")))
		if len(got.notices) != 1 || got.notices[0] != "trimmed" {
			t.Fatalf("notices %v", got.notices)
		}
		sent := h.script.asked(4)
		if n := provider.EstimatePrompt(sent); n > 1000-250 {
			t.Errorf("%d tokens were sent into a window of 1000", n)
		}
		if sent.Messages[0].Role != provider.User {
			t.Error("what is left does not begin with a question")
		}
		if last := sent.Messages[len(sent.Messages)-1]; last.Parts[0].Text != "the newest" {
			t.Errorf("the last message is %+v", last)
		}
	})
}

// A window of 1000 tokens, of which an answer may have 500. A question of n
// tokens costs four more.
func TestPromptAndAnswerFitTheWindowTogether(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name               string
		prompt             int // tokens of the question
		asked              int64
		maxTokens, outside int64 // what goes out
		want               fault.Kind
	}{
		{name: "short", prompt: 100, outside: 500},
		{name: "long", prompt: 700, outside: 296},
		{name: "long, with a limit", prompt: 700, asked: 400, maxTokens: 296, outside: 296},
		{name: "a small limit", prompt: 900, asked: 10, maxTokens: 10, outside: 96},
		{name: "just in", prompt: 746, outside: 250},
		{name: "just out", prompt: 747, want: fault.ContextTooLong},
		{name: "a small limit, just in", prompt: 986, asked: 10, maxTokens: 10, outside: 10},
		{name: "a small limit, just out", prompt: 987, asked: 10, want: fault.ContextTooLong},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				h := open(t, []step{say("x"), stop()})
				req := h.question(strings.Repeat("word", tc.prompt))
				if tc.asked > 0 {
					req.MaxTokens = &tc.asked
				}
				feed, _, err := h.Begin(t.Context(), h.who, req, 0)
				if err != nil || tc.want != 0 {
					if !fault.Is(err, tc.want) {
						t.Errorf("got %v, want %v", err, tc.want)
					}
					return
				}
				read(t, feed)
				if sent := h.script.asked(0); sent.MaxTokens != tc.maxTokens || sent.OutputLimit != tc.outside {
					t.Errorf("max_tokens %d, limit %d; want %d, %d", sent.MaxTokens, sent.OutputLimit, tc.maxTokens, tc.outside)
				}
			})
		})
	}
}

func TestRegenerating(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{say("one"), stop()}, []step{say("two"), stop()})
		req := h.question("?")
		read(t, h.begin(req))
		again := turn.Request{ID: turn.ID(conversation.NewID()), Conversation: h.conv, Parent: req.Question.ID}
		read(t, h.begin(again))
		one, two := h.stored(req.ID), h.stored(again.ID)
		if one.Parent != two.Parent || conversation.PlainText(two.Parts) != "two" {
			t.Errorf("%+v\n%+v", one, two)
		}
		if sent := h.script.asked(1); len(sent.Messages) != 1 {
			t.Errorf("the model saw %d messages, its earlier answer among them", len(sent.Messages))
		}
		answer := turn.Request{ID: turn.ID(conversation.NewID()), Conversation: h.conv, Parent: req.ID}
		if _, _, err := h.Begin(t.Context(), h.who, answer, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("answering an answer: %v", err)
		}
	})
}

func TestUnsavedTurns(t *testing.T) {
	inTime(t, func(t *testing.T) {
		h := open(t, []step{used(5, 5), say("secret"), stop()})
		req := h.question("?")
		req.Create, req.Conversation, req.Ephemeral = nil, "", true
		if got := read(t, h.begin(req)); got.text.String() != "secret" {
			t.Errorf("told %q", &got.text)
		}
		if rows := h.store.entries(); len(rows) != 1 || len(h.store.messages) != 0 || len(h.store.turns) != 0 {
			t.Errorf("%d rows, %d messages, %d turns", len(rows), len(h.store.messages), len(h.store.turns))
		}
		pass(time.Minute)
		if _, err := h.Attach(t.Context(), h.who, req.ID, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("it is still there: %v", err)
		}
	})
}

func TestTitles(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		calls [][]step
		want  string
		kinds []usage.Kind
	}{
		{"made by the cheap model", [][]step{{say("answer"), stop()}, {say(" \"A fine\ntitle\" "), stop()}}, "A fine title", []usage.Kind{usage.Answer, usage.Title}},
		{"an essay instead", [][]step{{say("answer"), stop()}, {say("# " + strings.Repeat("long ", 40)), stop()}}, strings.Repeat("long ", 15) + "long…", []usage.Kind{usage.Answer, usage.Title}},
		{"not to be had", [][]step{{say("answer"), stop()}, {refused(fault.New(fault.ProviderAuth, ""))}}, "What is this?", []usage.Kind{usage.Answer}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inTime(t, func(t *testing.T) {
				h := open(t, tc.calls...)
				req := h.question("\n What is this?\nTell me.")
				req.Create.Origin = conversation.FromChat
				if got := read(t, h.begin(req)); got.end.Title != "What is this?" {
					t.Errorf("the title at first is %q", got.end.Title)
				}
				synctest.Wait()
				if c := h.store.conversations[h.conv]; c.Title != tc.want {
					t.Errorf("the title is %q", c.Title)
				}
				var kinds []usage.Kind
				for _, row := range h.store.entries() {
					kinds = append(kinds, row.Kind)
				}
				if len(kinds) != len(tc.kinds) {
					t.Errorf("ledger %v", kinds)
				}
				if h.script.asked(1).Model != "gpt-cheap" {
					t.Errorf("%s was asked for the title", h.script.asked(1).Model)
				}
			})
		})
	}
}
