package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func delta(part int, kind, text string) client.Event {
	return client.Event{Name: wire.EventDelta, Delta: &wire.Delta{Part: part, Type: kind, Text: text}}
}

func snapshot(text string) client.Event {
	return client.Event{Name: wire.EventSnapshot, Snapshot: &wire.Snapshot{Parts: []wire.Part{{Type: wire.PartText, Text: text}}}}
}

func TestShownTellsEachByteOnce(t *testing.T) {
	t.Parallel()
	text := wire.PartText
	for _, c := range []struct {
		name   string
		events []client.Event
		want   string
		whole  bool // what was shown is the text
	}{
		{"deltas", []client.Event{delta(0, text, "a"), delta(0, text, "b")}, "ab", true},
		{"reasoning between", []client.Event{delta(0, text, "a"), delta(1, wire.PartReasoning, "hm"), delta(2, text, "b")}, "ab", true},
		{"a snapshot that says more", []client.Event{delta(0, text, "a"), snapshot("abc"), delta(0, text, "d")}, "abcd", true},
		{"a snapshot that says less", []client.Event{delta(0, text, "abc"), snapshot("ab")}, "abc", false},
		{"and then catches up", []client.Event{delta(0, text, "abc"), snapshot("ab"), delta(0, text, "cd")}, "abcd", true},
		{"a snapshot that says something else", []client.Event{delta(0, text, "abc"), snapshot("xyz")}, "abc", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var s shown
			var a answer
			var out strings.Builder
			for _, ev := range c.events {
				a.take(ev)
				if changesText(ev) {
					out.WriteString(s.rest(ev, &a))
				}
			}
			out.WriteString(s.remainder(a.text()))
			if out.String() != c.want || s.differs(a.text()) == c.whole {
				t.Errorf("%q, differs %v; want %q", out.String(), s.differs(a.text()), c.want)
			}
		})
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	chats := []wire.Conversation{
		{ID: "0193a7c2-4f1b-7c3e-9d58-0c2c1f6a7b1e", Title: "日本語の長い題名 " + strings.Repeat("x", 80), UpdatedAt: now.Add(-3 * time.Minute)},
		{ID: "0193a7c2-4f1c", Title: "evil\x1b[2J\ttitle", UpdatedAt: now, Model: "demo/demo", Running: "x"},
	}
	got := chatTable(chats, now, 60, style{})
	want := "ID             CHANGED    MODEL      TITLE\n" +
		"0193a7c2-4f1b  3 min ago             日本語の長い題名 xxxxx…\n" +
		"0193a7c2-4f1c  just now   demo/demo  evil␛[2J title (answer…\n"
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestMarked(t *testing.T) {
	t.Parallel()
	colour := style{colour: true}
	for _, c := range []struct {
		marks [][2]int
		want  string
	}{
		{nil, "one two␛"},
		{[][2]int{{4, 7}}, "one \x1b[1;33mtwo\x1b[0m␛"},
		{[][2]int{{-1, 2}, {4, 99}, {6, 5}, {0, 3}, {1, 2}}, "\x1b[1;33mone\x1b[0m two␛"},
	} {
		if got := marked("one two\x1b", c.marks, colour); got != c.want {
			t.Errorf("%v: %q, want %q", c.marks, got, c.want)
		}
	}
}

func TestMoney(t *testing.T) {
	t.Parallel()
	for micro, want := range map[int64]string{0: "$0.00", 1: "$0.000001", 1230: "$0.00123", 12_345: "$0.01", 3_000_000: "$3.00"} {
		if got := dollars(micro); got != want {
			t.Errorf("dollars(%d) = %s, want %s", micro, got, want)
		}
	}
	for micro, want := range map[int64]string{0: "0.00", 3_000_000: "3.00", 75_000: "0.075", 1_250_000: "1.25"} {
		if got := perMillion(micro); got != want {
			t.Errorf("perMillion(%d) = %s, want %s", micro, got, want)
		}
	}
}

func TestParentsFirst(t *testing.T) {
	t.Parallel()
	in := []wire.Message{{ID: "c", Parent: "b"}, {ID: "a"}, {ID: "b", Parent: "a"}, {ID: "c", Parent: "b", Rev: 2}, {ID: "x", Parent: "gone"}}
	var got []string
	for _, m := range parentsFirst(in) {
		got = append(got, m.ID)
		if m.ID == "c" && m.Rev != 2 {
			t.Error("the older version of c was kept")
		}
	}
	if s := strings.Join(got, ""); s != "abcx" {
		t.Errorf("order %s", s)
	}
}

func TestStyle(t *testing.T) {
	t.Parallel()
	terminal := streams{out: output{terminal: true}, err: output{terminal: true}}
	for _, c := range []struct {
		name    string
		streams streams
		env     map[string]string
		colour  bool
	}{
		{"a terminal", terminal, nil, true},
		{"a pipe", streams{}, nil, false},
		{"NO_COLOR", terminal, map[string]string{"NO_COLOR": "1"}, false},
		{"CLICOLOR=0", terminal, map[string]string{"CLICOLOR": "0"}, false},
		{"a dumb terminal", terminal, map[string]string{"TERM": "dumb"}, false},
		{"forced", streams{}, map[string]string{"CLICOLOR_FORCE": "1"}, true},
		{"forced and forbidden", streams{}, map[string]string{"CLICOLOR_FORCE": "1", "NO_COLOR": "1"}, false},
	} {
		env := func(name string) (string, bool) { v, set := c.env[name]; return v, set }
		if got := styleFor(c.streams, env); got.colour != c.colour {
			t.Errorf("%s: colour %v", c.name, got.colour)
		}
	}
}
