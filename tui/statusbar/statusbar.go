package statusbar

import (
	"strings"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// State is what is told, already in words; empty parts are left out.
type State struct {
	Model      string
	Spent      string
	Connection string
	Trouble    bool   // the connection is not as it should be
	Hint       string // what to press; left out first where there is no room
}

// View is one line of exactly a width.
func View(t *theme.Theme, s State, width int) string {
	var left []string
	for _, part := range []string{s.Model, s.Spent} {
		if part != "" {
			left = append(left, terminal.Line(part))
		}
	}
	l := " " + strings.Join(left, " "+t.Dot+" ")
	connection := terminal.Line(s.Connection)
	r := join(t, connection, s.Hint)
	if terminal.Width(l)+terminal.Width(r)+3 > width {
		r = connection
	}
	room := width - terminal.Width(r) - 1
	if least := width / 3; room < least {
		connection = terminal.Truncate(connection, width-least-1, t.Ellipsis)
		r, room = connection, width-terminal.Width(connection)-1
	}
	l = t.Dim.Render(terminal.Pad(l, room, t.Ellipsis))
	style := t.Dim
	if s.Trouble {
		style = t.Warn
	}
	rest := strings.TrimPrefix(r, connection)
	return l + style.Render(connection) + t.Dim.Render(rest) + " "
}

func join(t *theme.Theme, parts ...string) string {
	var set []string
	for _, p := range parts {
		if p != "" {
			set = append(set, p)
		}
	}
	return strings.Join(set, " "+t.Dot+" ")
}
