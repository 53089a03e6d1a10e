package tui_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

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
		"length limit":       {State: wire.StateComplete, Finish: wire.FinishLength},
		"declined":           {State: wire.StateComplete, Finish: wire.FinishRefusal},
		"filter":             {State: wire.StateComplete, Finish: wire.FinishFilter},
		"Check the provider": {State: wire.StateFailed, ErrorCode: wire.ProviderAuth, ErrorText: "openai refused the key"},
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

func TestDeleteAndUndo(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "a")
	d := drive(t, f)
	d.Key("ctrl+s")
	d.UntilShown("Alpha")
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
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "a")
	d := drive(t, f)
	d.Key("ctrl+s")
	d.UntilShown("Alpha")
	d.Key("ctrl+r")
	d.Type(" and Omega")
	d.Key("enter")
	d.UntilShown("Alpha and Omega")
}

func TestSearchOpensAtMessage(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", "a needle in it")
	d := drive(t, f)
	d.Key("ctrl+s")
	d.UntilShown("Alpha")
	d.Type("needle")
	d.UntilShown("in messages")
	d.Key("enter")
	d.UntilShown("a needle in it")
}

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

func TestModelPickerRefusesWithoutKey(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: "openai/big", Provider: "openai"})
	d := drive(t, f)
	d.UntilShown("demo/demo")
	d.Key("ctrl+l")
	d.UntilShown("needs OPENAI_API_KEY")
	d.Type("big")
	d.Key("enter")
	d.Key("esc")
	d.UntilShown("There is no key for openai. Set OPENAI_API_KEY")
}

func TestModelPickerRefusesWhatThePlanHasNot(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: "openai/big", Provider: "openai", Barred: true, Plans: []string{"pro"}})
	d := drive(t, f)
	d.UntilShown("demo/demo")
	d.Key("ctrl+l")
	d.UntilShown("needs the plan pro")
	d.Type("big")
	d.Key("enter")
	d.Key("esc")
	d.UntilShown("Your plan does not have openai/big. The plan pro does")
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

func TestSmallWindow(t *testing.T) {
	t.Parallel()
	d := tuitest.Drive(t, tui.Options{Backend: tuitest.NewFake()}, 30, 8)
	if !strings.Contains(d.Screen(), "Too small") {
		t.Error(d.Screen())
	}
	d.Send(tea.WindowSizeMsg{Width: 40, Height: 10})
	d.UntilShown("Ask anything")
}

func TestLinesFitTheScreen(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "タイトル👩‍👩‍👧 with a very long title that does not fit anywhere at all, ever, really not",
		"質問です "+strings.Repeat("長い", 100), "答え\n\n```\n"+strings.Repeat("code", 100)+"\n```\n")
	for _, size := range [][2]int{{40, 10}, {80, 24}, {100, 30}, {160, 50}} {
		d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, size[0], size[1])
		d.UntilShown("code")
		for _, key := range []string{"tab", "ctrl+s", "ctrl+l", "esc", "esc", "f1"} {
			d.Key(key)
			lines := strings.Split(d.Screen(), "\n")
			if len(lines) != size[1] {
				t.Errorf("%v after %s: %d lines", size, key, len(lines))
			}
			for _, l := range lines {
				if w := width(l); w > size[0] {
					t.Errorf("%v after %s: %d cells: %q", size, key, w, l)
				}
			}
		}
	}
}

func TestWhatIsDrawnStaysDrawn(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", "Alpha", "q", strings.Repeat("paragraph\n\n", 50))
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa"}, 80, 24)
	d.UntilShown("paragraph")
	before := d.App.TranscriptDraws()
	d.Type("typing does not draw the transcript")
	if n := d.App.TranscriptDraws() - before; n != 0 {
		t.Errorf("the transcript was drawn %d times", n)
	}
}

// hostile is text that wants to do something to the terminal.
const hostile = "x\x1b[2J\x1b]0;owned\x07\x1b]52;c;AAAA\x07\u009b31m\u202eabc\x00&#27;[31m[l](javascript:a)"

func TestNothingHostileReachesTheTerminal(t *testing.T) {
	t.Parallel()
	f := tuitest.NewFake()
	f.Add("aaa", hostile, hostile, hostile+"\n\n```"+hostile+"\n"+hostile+"\n```\n")
	f.Catalogue.Models = append(f.Catalogue.Models, wire.Model{ID: hostile, Provider: hostile, Usable: true})
	f.Catalogue.Problems = []wire.ModelProblem{{Provider: hostile, Detail: hostile}}
	turn := begun(f)
	d := tuitest.Drive(t, tui.Options{Backend: f, Chat: "aaa", Model: hostile}, 120, 40)
	check := func(when string) {
		t.Helper()
		if bad := live(d.Styled()); bad != "" {
			t.Errorf("%s: %q", when, bad)
		}
		if v := d.App.View(); live(v.WindowTitle) != "" {
			t.Errorf("%s: the title is %q", when, v.WindowTitle)
		}
	}
	d.UntilShown("▌ x")
	check("a conversation")
	d.Key("alt+r")
	tn := turn(d)
	tn.Tell(wire.PartReasoning, 0, hostile)
	d.UntilShown("thinking")
	check("thinking")
	tn.Event(tui.Event{Name: wire.EventNotice, Notice: &wire.Notice{Code: wire.NoticeTrimmed, Text: hostile}})
	tn.Tell(wire.PartText, 1, hostile)
	d.UntilShown("thought")
	tn.End(wire.Message{State: wire.StateFailed, ErrorCode: wire.Code(hostile), ErrorText: hostile})
	d.UntilShown("asks again")
	check("a failure")
	d.Key("ctrl+l")
	check("models")
	d.Key("esc", "ctrl+s", "ctrl+r")
	check("rename")
	d.Key("esc")
	d.Paste(hostile)
	d.UntilShown("Nothing found")
	check("filter")
	d.Key("esc", "esc")
	d.Paste(hostile)
	check("composer")
	f.Lose(&tui.Failure{Text: hostile})
	d.UntilShown("no connection")
	check("no connection")
}
