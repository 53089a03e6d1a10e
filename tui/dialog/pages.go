package dialog

import (
	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// Pages is something to read.
type Pages struct {
	theme *theme.Theme
	title string
	rows  [][2]string // a key and what it does; a heading where the key is empty
	top   int
}

// NewPages shows rows of keys and what they do; one without a key is a heading.
func NewPages(t *theme.Theme, title string, rows [][2]string) *Pages {
	return &Pages{theme: t, title: title, rows: rows}
}

// SetTheme changes the look.
func (p *Pages) SetTheme(t *theme.Theme) { p.theme = t }

// Key handles a key press.
func (p *Pages) Key(msg tea.KeyPressMsg) (ask any) {
	top, scrolls := scrolled(msg.String(), p.top, len(p.rows))
	if !scrolls {
		return Close{}
	}
	p.top = top
	return nil
}

// View is a box of at most a size.
func (p *Pages) View(width, height int) []string {
	t := p.theme
	inner := min(width-4, 74)
	room := max(height-3, 1)
	p.top = min(max(p.top, 0), max(len(p.rows)-room, 0))
	const keys = 22
	var rows []string
	for i := p.top; i < len(p.rows) && len(rows) < room; i++ {
		key, what := p.rows[i][0], p.rows[i][1]
		if key == "" {
			rows = append(rows, t.Accent.Render(what))
			continue
		}
		rows = append(rows, t.Key.Render(terminal.Pad(key, keys, ""))+" "+what)
	}
	title := p.title
	if len(p.rows) > room {
		title += " (up/down scroll, esc closes)"
	}
	return Box(t, title, rows, inner)
}
