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
		"all":                   {state: full, width: 80, want: "openai/gpt · 12 tokens"},
		"the hint goes first":   {state: full, width: 36, want: "local", lack: "ctrl+p"},
		"what is left":          {state: statusbar.State{Model: "m", Spent: "12 tokens", Left: "3 messages left today", Connection: "local"}, width: 80, want: "m · 12 tokens · 3 messages left today"},
		"little is left":        {state: statusbar.State{Model: "m", Left: "3 messages left today", Tight: true, Connection: "local"}, width: 80, want: "m · 3 messages left today"},
		"left before spent":     {state: statusbar.State{Model: "openai/gpt", Spent: "12 tokens", Left: "$0.20 left this month", Connection: "chat.example.com", Hint: "ctrl+p commands"}, width: 60, want: "openai/gpt · $0.20 left this month", lack: "tokens"},
		"left before the model": {state: statusbar.State{Model: strings.Repeat("m", 40), Left: "3 messages left today", Tight: true, Connection: "local"}, width: 40, want: "messages left"},
		"left, narrow":          {state: statusbar.State{Model: "m", Left: "3 messages left today", Tight: true, Connection: "local"}, width: 12, want: "local"},
		"trouble":               {state: statusbar.State{Connection: "no connection", Trouble: true}, width: 40, want: "no connection"},
		"a long trouble":        {state: statusbar.State{Model: "m", Connection: strings.Repeat("very ", 40), Trouble: true}, width: 40, want: "…"},
		"hostile":               {state: statusbar.State{Model: "a\x1b[2Jb\nc", Connection: "\x07"}, width: 60, want: "b c", lack: "\x1b"},
		"wide":                  {state: statusbar.State{Model: strings.Repeat("日本", 30), Connection: "local"}, width: 40, want: "local"},
		"narrow":                {state: full, width: 12, want: "local"},
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
