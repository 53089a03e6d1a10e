package statusbar

import (
	"strings"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// State is what is told, already in words; empty parts are left out. Where there
// is no room Hint is left out first, then Spent.
type State struct {
	Model      string
	Spent      string
	Left       string // of the plan
	Tight      bool   // little is left
	Connection string
	Trouble    bool   // the connection is not as it should be
	Hint       string // what to press
}

// View is one line of exactly a width.
func View(t *theme.Theme, s State, width int) string {
	s.Model, s.Spent, s.Left = terminal.Line(s.Model), terminal.Line(s.Spent), terminal.Line(s.Left)
	connection := terminal.Line(s.Connection)
	fits := func(right string) bool {
		return terminal.Width(join(t, s.Model, s.Spent, s.Left))+terminal.Width(right)+4 <= width
	}
	r := join(t, connection, s.Hint)
	if !fits(r) {
		r = connection
	}
	if s.Left != "" && !fits(r) {
		s.Spent = ""
	}
	room := width - terminal.Width(r) - 1
	if least := width / 3; room < least {
		connection = terminal.Truncate(connection, width-least-1, t.Ellipsis)
		r, room = connection, width-terminal.Width(connection)-1
	}
	style := t.Dim
	if s.Trouble {
		style = t.Warn
	}
	rest := strings.TrimPrefix(r, connection)
	return left(t, s, room) + style.Render(connection) + t.Dim.Render(rest) + " "
}

// left is the left part, of exactly a width.
func left(t *theme.Theme, s State, width int) string {
	if s.Left == "" || !s.Tight {
		return t.Dim.Render(terminal.Pad(" "+join(t, s.Model, s.Spent, s.Left), width, t.Ellipsis))
	}
	before := " " + join(t, s.Model, s.Spent)
	if before != " " {
		before += " " + t.Dot + " "
	}
	if terminal.Width(before)+terminal.Width(s.Left) > width { // what is left goes before which model it is
		before = terminal.Truncate(before, max(width-terminal.Width(s.Left), width/3), t.Ellipsis)
	}
	room := max(width-terminal.Width(before), 0)
	return t.Dim.Render(before) + t.Warn.Render(terminal.Pad(s.Left, room, t.Ellipsis))
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
