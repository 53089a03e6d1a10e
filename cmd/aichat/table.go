package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/tui/terminal"
)

// table is aligned text: a head and rows of cells that are already one safe
// line each.
type table struct {
	head  []string
	rows  [][]string
	right []bool // columns that are aligned to the right; may be shorter
	typed []bool // columns of what is typed elsewhere, which are never cut; may be shorter
	last  bool   // the last column, then others, give way where the width is not enough
}

const gutter = "  "

// render draws the table. With last set lines are made to fit the width, as far as
// what is typed and what can still be read allow; otherwise nothing is cut.
func (t table) render(width int, s style) string {
	widths := t.widths()
	if t.last {
		t.squeeze(widths, width)
	}
	var b strings.Builder
	if len(t.head) > 0 {
		b.WriteString(s.dim(t.line(t.head, widths)) + "\n")
	}
	for _, row := range t.rows {
		b.WriteString(t.line(row, widths) + "\n")
	}
	return b.String()
}

// squeeze makes columns fit a width: the last one gives way first, as long as much
// of it is left, then the widest. No column is made narrower than can still be
// read, and none of what is typed: half an id is of no use.
func (t table) squeeze(widths []int, width int) {
	const least, much = 8, 20
	over := (len(widths) - 1) * len(gutter)
	for _, w := range widths {
		over += w
	}
	over -= width
	last := &widths[len(widths)-1]
	if give := min(over, *last-much); give > 0 {
		*last, over = *last-give, over-give
	}
	for ; over > 0; over-- {
		widest, most := 0, least
		for i, w := range widths {
			if typed := i < len(t.typed) && t.typed[i]; !typed && w > most {
				widest, most = i, w
			}
		}
		if most == least {
			return
		}
		widths[widest]--
	}
}

// withoutEmpty is the table without the columns that say nothing in any row.
func (t table) withoutEmpty() table {
	left := table{rows: make([][]string, len(t.rows)), last: t.last}
	for column, name := range t.head {
		if !slices.ContainsFunc(t.rows, func(row []string) bool { return row[column] != "" }) {
			continue
		}
		left.head = append(left.head, name)
		for i, row := range t.rows {
			left.rows[i] = append(left.rows[i], row[column])
		}
	}
	return left
}

func (t table) widths() []int {
	widths := make([]int, len(t.head))
	for _, row := range append([][]string{t.head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], terminal.Width(cell))
		}
	}
	return widths
}

func (t table) line(row []string, widths []int) string {
	cells := make([]string, len(row))
	for i, cell := range row {
		if i < len(t.right) && t.right[i] {
			cells[i] = strings.Repeat(" ", max(widths[i]-terminal.Width(cell), 0)) + cell
			continue
		}
		cells[i] = terminal.Pad(cell, widths[i], "…")
	}
	return strings.TrimRight(strings.Join(cells, gutter), " ")
}

// ago says how long something is past, for a list: a word, not a measurement.
func ago(t, now time.Time) string {
	switch d := now.Sub(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 24*time.Hour:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	case d < 7*24*time.Hour:
		return fmt.Sprintf("%d d ago", d/(24*time.Hour))
	default:
		return t.Local().Format("2006-01-02")
	}
}
