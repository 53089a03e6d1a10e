package main

import (
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/spending"
	"github.com/aichat-term/aichat/tui/terminal"
)

// Widths of a usage table, in cells.
const (
	leastBar, mostBar = 8, 40
	numberColumns     = 32 // what cost, tokens and calls take, with the gaps
)

// rows are the summary's rows with a bar for each, below a line of all of them
// where they are in the order of time.
func (u usagePage) rows() string {
	values := spending.Weights(u.sum)
	t := table{head: []string{strings.ToUpper(u.sum.By), "COST", "TOKENS", "CALLS"}, right: []bool{false, true, true, true}}
	shown := u.shown()
	name := max(u.width-numberColumns-leastBar, 12)
	for _, r := range shown {
		cells := []string{terminal.Truncate(spending.Name(u.sum.By, r), name, u.dots), "", "", ""}
		if r.All.Calls > 0 {
			cells = []string{cells[0], spending.Cost(&r.All), figure.Count(r.All.Tokens), figure.Grouped(r.All.Calls)}
		}
		t.rows = append(t.rows, cells)
	}
	widths := t.widths()
	used := 0
	for _, w := range widths {
		used += w + len(gutter)
	}
	bar := min(max(u.width-used, 0), mostBar)
	most := chart.Most(values)
	var b strings.Builder
	b.WriteString(u.spark(values))
	b.WriteString(u.dim(t.line(t.head, widths)) + "\n")
	for i, r := range shown {
		line := t.line(t.rows[i], widths)
		if r.All.Calls == 0 {
			line = u.dim(line)
		}
		if drawn := u.glyph.Bar(spending.Weight(u.sum, &r.All), most, bar); drawn != "" {
			line += gutter + u.good(drawn)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// spark is a line of all days or hours, where there are some.
func (u usagePage) spark(values []int64) string {
	const few = 3
	if !spending.Timed(u.sum.By) || len(values) < few {
		return ""
	}
	first, last := spending.Name(u.sum.By, &u.sum.Rows[0]), spending.Name(u.sum.By, &u.sum.Rows[len(values)-1])
	folded, size := chart.Fold(values, u.width-terminal.Width(first)-terminal.Width(last)-2)
	text := u.dim(first) + " " + u.good(u.glyph.Spark(folded)) + " " + u.dim(last)
	if size > 1 {
		text += "\n" + u.dim(fmt.Sprintf("%d %ss to a character", size, u.sum.By))
	}
	return text + "\n\n"
}

// shown are the rows that are told one by one: of three days or more without use a
// word does. What is not told one by one comes last.
func (u usagePage) shown() []*wire.UsageRow {
	const run = 3
	var shown []*wire.UsageRow
	for i := 0; i < len(u.sum.Rows); {
		n := 0
		for spending.Timed(u.sum.By) && i+n < len(u.sum.Rows) && u.sum.Rows[i+n].All.Calls == 0 {
			n++
		}
		if n >= run {
			shown = append(shown, &wire.UsageRow{Title: fmt.Sprintf("  %d %ss without use", n, u.sum.By)})
			i += n
			continue
		}
		shown = append(shown, &u.sum.Rows[i])
		i++
	}
	if rest := spending.Rest(u.sum); rest != nil {
		shown = append(shown, rest)
	}
	return shown
}
