package tui_test

import (
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func TestRegenerateAndAlternatives(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "first version")
	turn := begun(f)
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aa"}, 80, 24)
	d.UntilShown("first version")
	d.Key("alt+r")
	tn := turn(d)
	tn.Say("second version")
	tn.End(wire.Message{})
	d.UntilShown("< 2/2 >")
	d.Key("alt+,")
	d.UntilShown("first version")
	d.UntilShown("< 1/2 >")
	d.Key("alt+.")
	d.UntilShown("second version")
}

func TestEditQuestion(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "old question", "old answer")
	f.Auto = func(q string) string { return "answer to " + q }
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
	d.UntilShown("old answer")
	d.Type("draft")
	d.Key("alt+e")
	d.UntilShown("› old question")
	d.Key("esc")
	d.UntilShown("› draft")
	d.Key("alt+e")
	d.Type(" again")
	d.Key("enter")
	d.UntilShown("answer to old question again")
	d.UntilShown("< 2/2 >")
	d.UntilGone("old answer")
}
