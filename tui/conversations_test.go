package tui_test

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestSwitchInMidStream(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("other", "Other chat", "q", "an older answer")
	turn := begun(f)
	d := drive(t, f)
	d.UntilShown("local")
	d.Type("stream")
	d.Key("enter")
	tn := turn(d)
	tn.Say("first half")
	d.UntilShown("first half")
	d.Type("a draft")
	d.Key("ctrl+s")
	d.UntilShown("Other chat")
	d.Type("other")
	d.Key("enter")
	d.UntilShown("an older answer")
	tn.Say(", second half")
	if s := d.Screen(); strings.Contains(s, "half") || strings.Contains(s, "a draft") {
		t.Errorf("the other chat shows what is not its own:\n%s", s)
	}
	d.Key("ctrl+s")
	d.UntilShown("● stream")
	d.Type("stream")
	d.Key("enter")
	d.UntilShown("first half, second half")
	d.UntilShown("› a draft")
	tn.Say(".")
	tn.End(wire.Message{})
	d.UntilShown("first half, second half.")
	d.UntilGone("esc stops")
}

func TestOutOfOrderResults(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "alpha says")
	f.Add("bbb", "Beta", "q", "beta says")
	d := drive(t, f)
	d.UntilShown("local")
	d.Key("ctrl+s")
	d.UntilShown("Alpha")
	d.Type("alpha")
	d.Key("enter") // its messages are on their way
	d.Key("ctrl+s")
	d.Type("beta")
	d.Key("enter")
	d.UntilShown("beta says")
	if strings.Contains(d.Screen(), "alpha says") {
		t.Errorf("an older result is shown:\n%s", d.Screen())
	}
}

// listing is the list of conversations, of which there is one: Alpha.
func listing(t *testing.T, answer string) *tuitest.Driver {
	t.Helper()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", answer)
	d := drive(t, f)
	d.Key("ctrl+s")
	d.UntilShown("Alpha")
	return d
}

func TestDeleteAndUndo(t *testing.T) {
	t.Parallel()
	d := listing(t, "a")
	d.Key("ctrl+x", "n")
	d.UntilShown("Alpha")
	d.Key("ctrl+x")
	d.UntilShown("Delete it?")
	d.Key("y")
	d.UntilGone("Alpha")
	d.Key("ctrl+u")
	d.UntilShown("Alpha")
}

func TestRename(t *testing.T) {
	t.Parallel()
	d := listing(t, "a")
	d.Key("ctrl+r")
	d.Type(" and Omega")
	d.Key("enter")
	d.UntilShown("Alpha and Omega")
}

func TestSearchOpensAtMessage(t *testing.T) {
	t.Parallel()
	d := listing(t, "a needle in it")
	d.Type("needle")
	d.UntilShown("in messages")
	d.Key("enter")
	d.UntilShown("a needle in it")
}

func TestAskOriginIsListedWhenOpened(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "From ask", "q", "a")
	no := false
	if _, err := f.Change(t.Context(), "aaa", wire.ConversationChange{Listed: &no}); err != nil {
		t.Fatal(err)
	}
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 120, 24)
	d.Until("it is listed", func() bool { return strings.Count(d.Screen(), "From ask") == 2 })
}

func TestOlderMessagesAreFetched(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.PageSize = 10
	texts := make([]string, 100)
	for i := range texts {
		texts[i] = "message " + strings.Repeat("i", i%7)
	}
	texts[0] = "the very first"
	f.Add("aaa", "Long", texts...)
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
	d.UntilShown("message")
	d.Until("the first message", func() bool { d.Key("pgup"); return strings.Contains(d.Screen(), "the very first") })
}
