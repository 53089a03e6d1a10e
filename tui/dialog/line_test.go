package dialog_test

import (
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

func TestLine(t *testing.T) {
	t.Parallel()
	l := dialog.NewLine(theme.New(theme.Options{}), "it", "Why?", "enter keeps it", "so far ", 40)
	l.Paste("two\nlines \x1b[2J日本")
	l.Key(tea.KeyPressMsg{Code: tea.KeyBackspace})
	l.Key(tea.KeyPressMsg{Code: ' ', Text: " "})
	if got, ok := l.Key(enter).(dialog.Written); !ok || got.Subject != "it" || got.Text != "so fartwo lines \u241b[2J日" {
		t.Errorf("%+v", got)
	}
	for range 100 {
		l.Key(tea.KeyPressMsg{Code: '日', Text: "日"})
	}
	got, ok := l.Key(enter).(dialog.Written)
	if !ok || len(got.Text) > 40 {
		t.Errorf("%d bytes: %+v", len(got.Text), got)
	}
	for _, width := range []int{24, 40, 80} {
		box, x, y := l.View(width)
		for _, row := range box {
			if terminal.Width(row) > width {
				t.Errorf("%d cells wide: %q", width, row)
			}
		}
		if x >= width-1 || y != 1 {
			t.Errorf("the caret is at %d, %d of %d", x, y, width)
		}
	}
	l.Key(tea.KeyPressMsg{Code: 'u', Mod: tea.ModCtrl})
	if got := l.Key(enter).(dialog.Written); got.Text != "" {
		t.Errorf("%+v", got)
	}
	if _, ok := l.Key(tea.KeyPressMsg{Code: tea.KeyEscape}).(dialog.Close); !ok {
		t.Error("escape does not close it")
	}
	if box, _, _ := l.View(60); !strings.Contains(text(box), "Why?") {
		t.Errorf("%s", text(box))
	}
}
