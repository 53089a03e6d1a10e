package tui_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

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
