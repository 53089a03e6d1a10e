package dialog

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// Usage shows what was used and what is left: as much of it as has come.
type Usage struct {
	theme *theme.Theme
	now   time.Time // carries the person's zone

	days, models *wire.UsageSummary
	advice       *wire.AdviceReport
	trouble      []string // what could not be had, a sentence each

	top  int
	rows []string // as they are laid out; nil: to be laid out
	laid int      // the width they are for
}

// NewUsage is a dialog that waits for what it shows.
func NewUsage(t *theme.Theme, now time.Time) *Usage { return &Usage{theme: t, now: now} }

// SetTheme changes the look.
func (u *Usage) SetTheme(t *theme.Theme) { u.theme, u.rows = t, nil }

// SetSummary fills in a summary by day or by model.
func (u *Usage) SetSummary(s *wire.UsageSummary) {
	if s.By == wire.ByDay {
		u.days = s
	} else {
		u.models = s
	}
	u.rows = nil
}

// SetAdvice fills in the advice.
func (u *Usage) SetAdvice(a *wire.AdviceReport) { u.advice, u.rows = a, nil }

// Fail says that something could not be had.
func (u *Usage) Fail(text string) {
	if !slices.Contains(u.trouble, text) {
		u.trouble, u.rows = append(u.trouble, text), nil
	}
}

// Key handles a key press.
func (u *Usage) Key(msg tea.KeyPressMsg) (ask any) {
	top, scrolls := scrolled(msg.String(), u.top, len(u.rows))
	if !scrolls {
		return Close{}
	}
	u.top = top
	return nil
}

// Widths of the dialog, in cells: from broad on its parts stand in two columns.
const (
	broad     = 116
	broadest  = 150
	between   = 4
	chartHigh = 6
)

// View is a box of at most a size.
func (u *Usage) View(width, height int) []string {
	inner := min(width-4, broadest)
	if inner < broad {
		inner = min(inner, 90)
	}
	if u.rows == nil || u.laid != inner {
		u.rows, u.laid = u.lay(inner), inner
	}
	room := max(height-2, 1)
	u.top = min(max(u.top, 0), max(len(u.rows)-room, 0))
	title := "Usage (esc closes)"
	if len(u.rows) > room {
		title = fmt.Sprintf("Usage (%d to %d of %d lines: up/down scroll, esc closes)", u.top+1, u.top+room, len(u.rows))
	}
	return Box(u.theme, title, u.rows[u.top:min(u.top+room, len(u.rows))], inner)
}

// lay lays all of it out in rows of a width.
func (u *Usage) lay(width int) []string {
	t := u.theme
	var rows []string
	for _, text := range u.trouble {
		for _, row := range terminal.Wrap(terminal.Line(text), width) {
			rows = append(rows, t.Bad.Render(row))
		}
	}
	if u.days == nil {
		if len(rows) == 0 {
			rows = []string{t.Dim.Render("Asking the server" + t.Ellipsis)}
		}
		return rows
	}
	if width < broad {
		return stack(rows, u.head(width), u.chart(width), u.ahead(width), u.limits(width), u.byModel(width), u.advise(width))
	}
	column := (width - between) / 2
	left := stack(u.chart(column), u.ahead(column), u.limits(column))
	right := stack(u.byModel(column), u.advise(column))
	rows = stack(rows, u.head(width))
	rows = append(rows, "")
	for i := range max(len(left), len(right)) {
		var l, r string
		if i < len(left) {
			l = left[i]
		}
		if i < len(right) {
			r = right[i]
		}
		rows = append(rows, terminal.Pad(l, column, t.Ellipsis)+strings.Repeat(" ", between)+r)
	}
	return rows
}

// stack puts parts below each other, an empty line between two that have any.
func stack(parts ...[]string) (rows []string) {
	for _, p := range parts {
		if len(rows) > 0 && len(p) > 0 {
			rows = append(rows, "")
		}
		rows = append(rows, p...)
	}
	return rows
}
