package tui_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

func begun(f *tuitest.Fake) func(*tuitest.Driver) *tuitest.Turn {
	f.Begun = make(chan *tuitest.Turn, 4)
	return func(d *tuitest.Driver) *tuitest.Turn {
		var t *tuitest.Turn
		d.Until("a turn", func() bool {
			select {
			case t = <-f.Begun:
				return true
			default:
				return false
			}
		})
		return t
	}
}

func drive(t *testing.T, f *tuitest.Fake) *tuitest.Driver {
	t.Helper()
	return tuitest.Drive(t, tui.Options{Backend: f}, 80, 24)
}

func TestAskAndAnswer(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.Type("why?")
	d.Key("enter")
	d.UntilShown("▌ why?")
	tn := turn(d)
	tn.Say("Because **it")
	d.UntilShown("Because")
	tn.Say(" is**.")
	d.UntilShown("Because it is.")
	cost := int64(1500)
	tn.End(wire.Message{Usage: &wire.Usage{Input: 10, Output: 20, CostMicroUSD: &cost}})
	d.UntilShown("20 tokens · $0.0015")
	d.UntilGone("esc stops")
	if d.App.Shown() == "" {
		t.Error("there is no way back to the conversation")
	}
}

func TestNothingWaits(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Hang = true
	d := drive(t, f)
	d.Type("typed while nothing answers")
	for _, key := range []string{"enter", "ctrl+s", "a", "b", "esc", "esc", "ctrl+l", "esc", "ctrl+n", "ctrl+y", "f1", "esc", "f3", "down", "esc", "alt+=", "alt+-", "pgup", "tab"} {
		d.Key(key)
	}
	if d.Slowest > time.Second {
		t.Errorf("an Update took %v", d.Slowest)
	}
	d.Key("ctrl+d")
	d.UntilQuit()
}

func TestSendFailureKeepsText(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Refuse = &tui.Failure{Code: wire.NoKey, Text: "There is no key for openai."}
	d := drive(t, f)
	d.Type("precious")
	d.Key("enter")
	d.Type("more")
	d.UntilShown("Your text is back.")
	d.UntilShown("› precious\n   more")
	if strings.Contains(d.Screen(), "▌") {
		t.Errorf("a refused question is shown as asked:\n%s", d.Screen())
	}
}

func TestSecondSendWhileAnswering(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.Type("one")
	d.Key("enter")
	d.Type("two")
	d.Key("enter")
	d.UntilShown("your text stays")
	d.UntilShown("› two")
	tn := turn(d)
	tn.Say("first answer")
	tn.End(wire.Message{})
	d.UntilShown("first answer")
	d.Until("the end", func() bool { d.Key("enter"); return !strings.Contains(d.Screen(), "› two") })
	turn(d).End(wire.Message{})
	d.UntilShown("▌ two")
}

func TestStop(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.Type("long")
	d.Key("enter")
	turn(d).Say("so far")
	d.UntilShown("so far")
	d.Key("esc")
	d.UntilShown("Stopped here.")
	d.UntilShown("so far")
}

func TestResumeAfterReconnect(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.Type("q")
	d.Key("enter")
	tn := turn(d)
	tn.Say("one ")
	tn.Event(tui.Event{Name: tui.EventConnection, Connection: &tui.Connection{Lost: true, Attempt: 1, Allowed: 8}})
	d.UntilShown("Reconnecting")
	tn.Event(tui.Event{Name: tui.EventConnection, Connection: &tui.Connection{}})
	d.UntilGone("Reconnecting")
	tn.Event(tui.Event{Name: wire.EventSnapshot, Snapshot: &wire.Snapshot{Parts: []wire.Part{{Type: wire.PartText, Text: "other"}}}})
	d.UntilShown("other")
	tn.End(wire.Message{State: wire.StateInterrupted})
	d.UntilShown("Interrupted")
	f.Lose(&tui.Failure{Text: "nobody answers"})
	d.UntilShown("no connection")
	f.Lose(nil)
	d.UntilGone("no connection")
}

func TestEndsAreMarked(t *testing.T) {
	t.Parallel()
	for want, end := range map[string]wire.Message{
		"length limit": {State: wire.StateComplete, Finish: wire.FinishLength},
		"declined":     {State: wire.StateComplete, Finish: wire.FinishRefusal},
		"filter":       {State: wire.StateComplete, Finish: wire.FinishFilter},
		"refused the key. ctrl+l lists the models.": {State: wire.StateFailed, ErrorCode: wire.ProviderAuth, ErrorText: "openai refused the key"},
	} {
		f := tuitest.NewFake()
		turn := begun(f)
		d := drive(t, f)
		d.Type("q")
		d.Key("enter")
		turn(d).End(end)
		d.UntilShown(want)
	}
}

type host struct {
	copied string
	err    error
}

func (h *host) Copy(text string) error {
	h.copied = text
	return h.err
}

func (h *host) Editor(string) (*exec.Cmd, func() (string, error), error) {
	return nil, nil, errors.New("no editor")
}

func TestCopyIsByteForByte(t *testing.T) {
	t.Parallel()
	const answer = "Some **bold**\r\n\n```go\nx := 1\n```\n\n1. a\n   ```sh\n   ls\n   ```\n \x1b[31m"
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", answer)
	h := &host{}
	d := tuitest.Drive(t, tui.Options{Backend: f, Host: h, Chat: "aaa"}, 80, 24)
	d.UntilShown("bold")
	d.Key("ctrl+y")
	d.UntilShown("is copied")
	if h.copied != answer {
		t.Errorf("%q", h.copied)
	}
	h.err = tui.ErrNoClipboard
	d.Key("alt+y")
	d.UntilShown("Code block 2 of 2: sent to the terminal's clipboard, if it takes it")
	if h.copied != "ls\n" {
		t.Errorf("%q", h.copied)
	}
	d.Key("alt+y")
	d.UntilShown("Code block 1 of 2")
	if h.copied != "x := 1\n" {
		t.Errorf("%q", h.copied)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	d := drive(t, f)
	d.Type("typed")
	d.Key("ctrl+c")
	d.UntilShown("Cleared")
	d.Key("up")
	d.UntilShown("› typed")
	d.Key("ctrl+c", "ctrl+c")
	d.UntilQuit()
}

func TestPasteIsOnePrompt(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	turn := begun(f)
	d := drive(t, f)
	d.UntilShown("local")
	d.Paste(strings.Repeat("a line that was pasted\r\n", 10_000))
	d.Type("x")
	d.Key("enter")
	turn(d).End(wire.Message{})
	d.UntilGone("esc stops")
	page, err := f.Messages(t.Context(), d.App.Shown(), "")
	if err != nil || len(page.Messages) != 2 {
		t.Fatalf("%v, %d messages", err, len(page.Messages))
	}
	if got := page.Messages[0].Parts[0].Text; got != strings.Repeat("a line that was pasted\n", 10_000)+"x" {
		t.Errorf("%d bytes", len(got))
	}
}

// hostile is text that wants to do something to the terminal.
const hostile = "x\x1b[2J\x1b]0;owned\x07\x1b]52;c;AAAA\x07\u009b31m\u202eabc\x00&#27;[31m[l](javascript:a)"
