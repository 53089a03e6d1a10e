package turn_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

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
