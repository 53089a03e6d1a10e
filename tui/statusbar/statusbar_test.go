package statusbar_test

import (
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/statusbar"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

func TestView(t *testing.T) {
	t.Parallel()
	full := statusbar.State{Model: "openai/gpt", Spent: "12 tokens", Connection: "local", Hint: "ctrl+p commands"}
	for name, c := range map[string]struct {
		state      statusbar.State
		width      int
		want, lack string
	}{
		"all":                 {state: full, width: 80, want: "openai/gpt · 12 tokens"},
		"the hint goes first": {state: full, width: 36, want: "local", lack: "ctrl+p"},
		"trouble":             {state: statusbar.State{Connection: "no connection", Trouble: true}, width: 40, want: "no connection"},
		"a long trouble":      {state: statusbar.State{Model: "m", Connection: strings.Repeat("very ", 40), Trouble: true}, width: 40, want: "…"},
		"hostile":             {state: statusbar.State{Model: "a\x1b[2Jb\nc", Connection: "\x07"}, width: 60, want: "b c", lack: "\x1b"},
		"wide":                {state: statusbar.State{Model: strings.Repeat("日本", 30), Connection: "local"}, width: 40, want: "local"},
		"narrow":              {state: full, width: 12, want: "local"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := ansi.Strip(statusbar.View(theme.New(theme.Options{}), c.state, c.width))
			if w := terminal.Width(line); w != c.width {
				t.Errorf("%d cells, not %d: %q", w, c.width, line)
			}
			if !strings.Contains(line, c.want) || c.lack != "" && strings.Contains(line, c.lack) {
				t.Errorf("%q", line)
			}
		})
	}
}
