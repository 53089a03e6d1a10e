package tuitest

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Conform is what every Backend must do. fresh makes one that is empty, and whose
// default model answers by itself.
func Conform(t *testing.T, fresh func(*testing.T) tui.Backend) {
	t.Helper()
	for name, check := range map[string]func(*testing.T, tui.Backend){
		"a question is answered, stored and listed":  conformAsk,
		"asked twice with one id is asked once":      conformRepeat,
		"attaching tells all from the beginning":     conformAttach,
		"rename, delete, restore":                    conformChange,
		"search finds what was said":                 conformSearch,
		"what is not there is a failure with a code": conformNotFound,
		"another answer is an alternative":           conformRegenerate,
		"models and server":                          conformModels,
		"what is left is told":                       conformLimits,
		"what was used is told":                      conformUsage,
		"an answer is rated, and no more":            conformRating,
		"changes are told":                           conformWatch,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			check(t, fresh(t))
		})
	}
}

func id() string { return uuid.Must(uuid.NewV7()).String() }

func question(text string) *wire.Question {
	return &wire.Question{ID: id(), Parts: []wire.Part{{Type: wire.PartText, Text: text}}}
}

// ask asks in a new conversation and reads the answer to its end.
func ask(t *testing.T, b tui.Backend, text string) (conversation string, n wire.NewTurn, answer string) {
	t.Helper()
	conversation = id()
	n = wire.NewTurn{ID: id(), Question: question(text), Create: &wire.NewConversation{ID: conversation}}
	return conversation, n, read(t, must(b.Ask(t.Context(), conversation, n))(t))
}

// must is a result without its error.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// read reads a stream to its end, which must be a complete answer.
func read(t *testing.T, s tui.Stream) string {
	t.Helper()
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	var text strings.Builder
	for {
		ev, err := s.Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case ev.Delta != nil && ev.Delta.Type == wire.PartText:
			text.WriteString(ev.Delta.Text)
		case ev.Snapshot != nil:
			text.Reset()
			for _, p := range ev.Snapshot.Parts {
				if p.Type == wire.PartText {
					text.WriteString(p.Text)
				}
			}
		case ev.End != nil:
			if ev.End.Message.State != wire.StateComplete {
				t.Fatalf("the answer ended as %+v", ev.End.Message)
			}
			if _, err := s.Next(t.Context()); !errors.Is(err, io.EOF) {
				t.Errorf("after the end: %v", err)
			}
			return text.String()
		}
	}
}

func conformAsk(t *testing.T, b tui.Backend) {
	c, n, answer := ask(t, b, "what is it?")
	page := must(b.Messages(t.Context(), c, ""))(t)
	if len(page.Messages) != 2 || page.Messages[0].ID != n.Question.ID || page.Messages[1].ID != n.ID {
		t.Fatalf("%+v", page)
	}
	if got := page.Messages[1].Parts[len(page.Messages[1].Parts)-1].Text; got != answer || answer == "" {
		t.Errorf("stored %q, told %q", got, answer)
	}
	list := must(b.Conversations(t.Context(), ""))(t)
	if len(list.Conversations) != 1 || list.Conversations[0].ID != c || list.Conversations[0].Running != "" {
		t.Errorf("%+v", list)
	}
	if found := must(b.Conversation(t.Context(), c[:len(c)-2]))(t); found.ID != c {
		t.Errorf("by the beginning of its id: %+v", found)
	}
}

func conformRepeat(t *testing.T, b tui.Backend) {
	c, n, answer := ask(t, b, "once")
	if again := read(t, must(b.Ask(t.Context(), c, n))(t)); again != answer {
		t.Errorf("%q, then %q", answer, again)
	}
	if page := must(b.Messages(t.Context(), c, ""))(t); len(page.Messages) != 2 {
		t.Errorf("%d messages", len(page.Messages))
	}
}

func conformAttach(t *testing.T, b tui.Backend) {
	_, n, answer := ask(t, b, "once")
	if again := read(t, must(b.Attach(t.Context(), n.ID))(t)); again != answer {
		t.Errorf("%q, then %q", answer, again)
	}
	if err := b.Cancel(t.Context(), n.ID); err != nil {
		t.Errorf("cancelling what has ended: %v", err)
	}
}

func conformChange(t *testing.T, b tui.Backend) {
	c, _, _ := ask(t, b, "q")
	title := "another title"
	if got := must(b.Change(t.Context(), c, wire.ConversationChange{Title: &title}))(t); got.Title != title {
		t.Errorf("%+v", got)
	}
	if err := b.Delete(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if list := must(b.Conversations(t.Context(), ""))(t); len(list.Conversations) != 0 {
		t.Errorf("after deleting: %+v", list)
	}
	if got := must(b.Restore(t.Context(), c))(t); got.ID != c || got.Title != title {
		t.Errorf("restored: %+v", got)
	}
	if list := must(b.Conversations(t.Context(), ""))(t); len(list.Conversations) != 1 {
		t.Errorf("after restoring: %+v", list)
	}
}

func conformSearch(t *testing.T, b tui.Backend) {
	c, n, _ := ask(t, b, "where is the xylophone?")
	page := must(b.Search(t.Context(), "xylophone"))(t)
	for _, h := range page.Hits {
		if h.Conversation == c && h.Message == n.Question.ID && len(h.Marks) > 0 {
			return
		}
	}
	t.Errorf("%+v", page)
}

func conformNotFound(t *testing.T, b tui.Backend) {
	_, err := b.Messages(t.Context(), id(), "")
	var f *tui.Failure
	if !errors.As(err, &f) || f.Code != wire.NotFound || f.Text == "" {
		t.Errorf("%#v", err)
	}
}

func conformRegenerate(t *testing.T, b tui.Backend) {
	c, n, _ := ask(t, b, "q")
	again := wire.NewTurn{ID: id(), Parent: n.Question.ID}
	read(t, must(b.Ask(t.Context(), c, again))(t))
	page := must(b.Messages(t.Context(), c, ""))(t)
	last := page.Messages[len(page.Messages)-1]
	if len(page.Messages) != 2 || last.ID != again.ID || len(last.Siblings) != 2 {
		t.Errorf("%+v", page)
	}
	if got := must(b.Change(t.Context(), c, wire.ConversationChange{Leaf: &n.ID}))(t); got.Leaf != n.ID {
		t.Errorf("the other branch: %+v", got)
	}
	after := wire.NewTurn{ID: id(), Parent: n.ID, Question: question("more")}
	read(t, must(b.Ask(t.Context(), c, after))(t))
	must(b.Change(t.Context(), c, wire.ConversationChange{Leaf: &again.ID}))(t)
	if got := must(b.Change(t.Context(), c, wire.ConversationChange{Leaf: &n.ID}))(t); got.Leaf != after.ID {
		t.Errorf("the first branch ends at %s, want what followed: %s", got.Leaf, after.ID)
	}
}

func conformModels(t *testing.T, b tui.Backend) {
	list := must(b.Models(t.Context()))(t)
	for _, m := range list.Models {
		if m.Default && !m.Usable {
			t.Errorf("the default cannot be used: %+v", m)
		}
	}
	if s := must(b.About(t.Context()))(t); s.Name == "" {
		t.Errorf("%+v", s)
	}
}

func conformLimits(t *testing.T, b tui.Backend) {
	l := must(b.Limits(t.Context()))(t)
	for _, limit := range l.Limits {
		if !l.Metered || limit.Unit == "" || limit.Period == "" || limit.ResetsAt.IsZero() {
			t.Errorf("%+v", limit)
		}
	}
}

func conformUsage(t *testing.T, b tui.Backend) {
	ask(t, b, "q")
	for _, by := range []string{wire.ByDay, wire.ByModel} {
		if s := must(b.Usage(t.Context(), by, "Asia/Kathmandu"))(t); s.By != by || s.TimeZone != "Asia/Kathmandu" {
			t.Errorf("by %s: %+v", by, s)
		}
	}
	must(b.Advice(t.Context(), ""))(t)
}

func conformRating(t *testing.T, b tui.Backend) {
	c, n, _ := ask(t, b, "q")
	rating := func() *wire.Rating {
		page := must(b.Messages(t.Context(), c, ""))(t)
		return page.Messages[len(page.Messages)-1].Rating
	}
	down := wire.NewRating{Value: wire.RatingDown, Reason: "wrong"}
	if got := must(b.Rate(t.Context(), n.ID, down))(t); got.Value != down.Value || got.Reason != down.Reason {
		t.Errorf("%+v", got)
	}
	if got := rating(); got == nil || got.Value != down.Value || got.Reason != down.Reason {
		t.Errorf("%+v", got)
	}
	must(b.Rate(t.Context(), n.ID, wire.NewRating{Value: wire.RatingUp}))(t)
	if got := rating(); got == nil || got.Value != wire.RatingUp || got.Reason != "" {
		t.Errorf("rated anew: %+v", got)
	}
	for range 2 { // the second time there is nothing to take back
		if err := b.Unrate(t.Context(), n.ID); err != nil {
			t.Error(err)
		}
	}
	if got := rating(); got != nil {
		t.Errorf("taken back: %+v", got)
	}
}

func conformWatch(t *testing.T, b tui.Backend) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	changes, ended := make(chan tui.Change, 64), make(chan error, 1)
	go func() {
		ended <- b.Watch(ctx, func(c tui.Change) {
			select {
			case changes <- c:
			case <-ctx.Done():
			}
		})
	}()
	next := func() tui.Change {
		select {
		case c := <-changes:
			return c
		case <-time.After(Deadline):
			t.Fatal("nothing is told")
			return tui.Change{}
		}
	}
	if told := next(); told != (tui.Change{}) {
		t.Errorf("first was told %+v, not that it listens", told)
	}
	ask(t, b, "q")
	if told := next(); told.Rev == 0 || told.Lost != nil {
		t.Errorf("of a change was told %+v", told)
	}
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("ended with %v", err)
	}
}
