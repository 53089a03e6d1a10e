package dialog_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

func picker(labels ...string) *dialog.Picker {
	p := dialog.NewPicker(theme.New(theme.Options{}), "things", "Things")
	var entries []dialog.Entry
	for _, l := range labels {
		entries = append(entries, dialog.Entry{ID: "id of " + l, Label: l, Detail: "about it"})
	}
	p.SetEntries(entries, "", "")
	return p
}

func typed(p *dialog.Picker, text string) {
	for _, r := range text {
		p.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func text(lines []string) string { return ansi.Strip(strings.Join(lines, "\n")) }

var enter = tea.KeyPressMsg{Code: tea.KeyEnter}

func TestPickerNarrows(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"":         "anthropic/claude-opus",
		"haiku":    "anthropic/claude-haiku",
		"ant hai":  "anthropic/claude-haiku",
		"GPT":      "openai/gpt-5-mini",
		"o/gpt":    "openai/gpt-5-mini",
		"5":        "openai/gpt-5-mini",
		"nowhere?": "",
	} {
		p := picker("anthropic/claude-opus", "anthropic/claude-haiku", "openai/gpt-5-mini")
		typed(p, query)
		ask := p.Key(enter)
		switch got, ok := ask.(dialog.Chosen); {
		case want == "" && ask != nil, want != "" && (!ok || got.ID != "id of "+want || got.List != "things"):
			t.Errorf("%q chooses %#v", query, ask)
		}
		lines, _, _ := p.View(60, 20)
		if want == "" && !strings.Contains(text(lines), "Nothing matches.") {
			t.Errorf("%q:\n%s", query, text(lines))
		}
	}
}

func TestPickerRefusesAndCloses(t *testing.T) {
	t.Parallel()
	p := picker()
	p.SetEntries([]dialog.Entry{{ID: "a", Label: "a", Refusal: "There is no key."}, {ID: "b", Label: "b"}}, "b", "")
	if got := p.Key(enter); got != (dialog.Chosen{List: "things", ID: "b"}) {
		t.Errorf("the current one is not under the cursor: %#v", got)
	}
	p.Key(tea.KeyPressMsg{Code: tea.KeyUp})
	if got := p.Key(enter); got != (dialog.Refused{Why: "There is no key."}) {
		t.Errorf("%#v", got)
	}
	if got := p.Key(tea.KeyPressMsg{Code: tea.KeyEscape}); got != (dialog.Close{}) {
		t.Errorf("%#v", got)
	}
}

func TestPickerCaretAndWidths(t *testing.T) {
	t.Parallel()
	p := picker(strings.Repeat("日本", 60), "\x1b[31mred")
	typed(p, "日é")
	lines, x, y := p.View(50, 12)
	if x != 2+2+3 || y != 1 {
		t.Errorf("the caret is at %d, %d", x, y)
	}
	p.Paste("  two\nlines  ")
	p.SetEntries(nil, "", strings.Repeat("a note that is long ", 20))
	more, _, _ := p.View(50, 12)
	for _, l := range append(lines, more...) {
		if w := terminal.Width(l); w > 50 {
			t.Errorf("%d cells: %q", w, l)
		}
	}
	if len(more) > 12 {
		t.Errorf("%d lines", len(more))
	}
}

func TestPagesScroll(t *testing.T) {
	t.Parallel()
	rows := [][2]string{{"", "Heading"}}
	for range 40 {
		rows = append(rows, [2]string{"key", "does this"})
	}
	rows = append(rows, [2]string{"last", "does that"})
	p := dialog.NewPages(theme.New(theme.Options{}), "Help", rows)
	if s := text(p.View(60, 15)); !strings.Contains(s, "Heading") || strings.Contains(s, "does that") {
		t.Errorf("at first:\n%s", s)
	}
	if ask := p.Key(tea.KeyPressMsg{Code: tea.KeyEnd}); ask != nil {
		t.Errorf("%#v", ask)
	}
	if s := text(p.View(60, 15)); !strings.Contains(s, "does that") {
		t.Errorf("at the end:\n%s", s)
	}
	if ask := p.Key(tea.KeyPressMsg{Code: tea.KeyEscape}); ask != (dialog.Close{}) {
		t.Errorf("%#v", ask)
	}
}

func TestOverKeepsWidths(t *testing.T) {
	t.Parallel()
	th := theme.New(theme.Options{})
	lines := []string{"日本語日本語日本語日本語", strings.Repeat("x", 24), "", "short", "\x1b[31m" + strings.Repeat("r", 24) + "\x1b[m"}
	drawn, _, _ := dialog.Over(lines, dialog.Box(th, "T", []string{"row"}, 5), 24)
	for i, l := range drawn {
		if w := terminal.Width(l); w > 24 {
			t.Errorf("line %d has %d cells: %q", i, w, l)
		}
	}
}
