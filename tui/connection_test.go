package tui_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

var errGone = &tui.Failure{Text: "the connection broke: unexpected EOF"}

func TestConnectionComesBack(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "an answer")
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 120, 24)
	d.UntilShown("an answer")
	d.UntilShown("local")
	f.SetDown(errGone)
	f.Lose(errGone)
	d.UntilShown("no connection to the server; trying again")
	if strings.Contains(d.Screen(), "EOF") {
		t.Errorf("a cause that says nothing to a person:\n%s", d.Screen())
	}
	f.SetDown(nil)
	title := "Renamed meanwhile"
	if _, err := f.Change(t.Context(), "aaa", wire.ConversationChange{Title: &title}); err != nil {
		t.Fatal(err)
	}
	f.Lose(nil)
	d.UntilGone("no connection")
	d.UntilShown(title)
	d.UntilShown("local")
}

func TestStartedWithoutConnection(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "an answer")
	f.Down = errGone
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 120, 24)
	f.Lose(errGone)
	d.UntilShown("no connection to the server; trying again")
	d.Key("ctrl+l")
	d.UntilShown("Models")
	d.UntilShown("EOF") // why there are none
	d.Key("esc")
	f.SetDown(nil)
	f.Lose(nil)
	d.UntilShown("an answer")
	d.UntilShown("demo/demo")
	d.UntilGone("no connection")
}

// late is a Backend where something changes after the first list was told and
// before the watch listens.
type late struct {
	*tuitest.Fake
	listed chan struct{}
}

func (l late) Conversations(ctx context.Context, cursor string) (wire.ConversationPage, error) {
	page, err := l.Fake.Conversations(ctx, cursor)
	select {
	case l.listed <- struct{}{}:
	default:
	}
	return page, err
}

func (l late) Watch(ctx context.Context, told func(tui.Change)) error {
	select {
	case <-l.listed:
	case <-ctx.Done():
		return ctx.Err()
	}
	l.Add("aaa", "Began in between", "q", "a")
	return l.Fake.Watch(ctx, told)
}

func TestChangeBeforeTheWatchIsSeen(t *testing.T) {
	t.Parallel()
	d := tuitest.Drive(t, tui.Options{Backend: late{tuitest.NewFake(), make(chan struct{}, 1)}}, 120, 24)
	d.UntilShown("Began in between")
}

func TestChatDeletedElsewhere(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "an answer")
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
	d.UntilShown("an answer")
	d.UntilShown("local")
	if err := f.Delete(t.Context(), "aaa"); err != nil {
		t.Fatal(err)
	}
	d.UntilShown("was deleted elsewhere")
	d.Type("precious")
	d.Key("enter")
	d.UntilShown("your text stays")
	d.UntilShown("› precious")
	d.Key("ctrl+s", "ctrl+u", "esc")
	d.UntilShown(`"Alpha" is back.`)
	f.Auto = func(string) string { return "there again" }
	d.Key("enter")
	d.UntilShown("there again")
}

func TestChatOutsideTheListIsFollowed(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "an answer")
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
	d.UntilShown("an answer")
	no, title := false, "Renamed and unlisted"
	if _, err := f.Change(t.Context(), "aaa", wire.ConversationChange{Listed: &no, Title: &title}); err != nil {
		t.Fatal(err)
	}
	d.UntilShown(title)
}

func TestQuitFromAnywhere(t *testing.T) {
	t.Parallel()
	for name, keys := range map[string][]string{
		"composer": {}, "list": {"ctrl+s"}, "filter": {"ctrl+s", "x"}, "transcript": {"tab"},
		"models": {"ctrl+l"}, "commands": {"ctrl+p"}, "help": {"f1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tuitest.NewFake()
			f.Add("aaa", "Alpha", "q", "an answer")
			d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
			d.UntilShown("an answer")
			f.Lose(errGone)
			d.UntilShown("no connection")
			d.Key(keys...)
			d.Key("ctrl+d")
			d.UntilQuit()
			if d.App.Shown() != "aaa" {
				t.Errorf("the way back is %q", d.App.Shown())
			}
		})
	}
}

// TestServerRestartsWhileItAnswers is a server that was told to end: it finishes
// the answer and takes nothing new.
func TestServerRestartsWhileItAnswers(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.UntilShown("local")
	d.Type("q")
	d.Key("enter")
	tn := turn(d)
	tn.Say("so far")
	d.UntilShown("so far")
	f.Lose(errGone)
	d.UntilShown("the server is restarting")
	tn.End(wire.Message{State: wire.StateInterrupted})
	d.UntilShown("Interrupted")
	d.UntilShown("no connection to the server; trying again")
	f.Lose(nil)
	d.UntilGone("no connection")
	f.Auto = func(string) string { return "a new answer" }
	d.Type("again")
	d.Key("enter")
	d.UntilShown("a new answer")
}
