package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/figure"
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
	values := u.values()
	t := table{head: []string{strings.ToUpper(u.sum.By), "COST", "TOKENS", "CALLS"}, right: []bool{false, true, true, true}}
	shown := u.shown()
	name := max(u.width-numberColumns-leastBar, 12)
	for _, r := range shown {
		cells := []string{terminal.Truncate(rowName(u.sum.By, r), name, u.dots), "", "", ""}
		if r.All.Calls > 0 {
			cells = []string{cells[0], costOf(&r.All), figure.Count(r.All.Tokens), figure.Grouped(r.All.Calls)}
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
		if drawn := u.glyph.Bar(u.weight(&r.All), most, bar); drawn != "" {
			line += gutter + u.good(drawn)
		}
		b.WriteString(line + "\n")
	}
	return b.String()
}

// values are what the bars are as long as.
func (u usagePage) values() []int64 {
	values := make([]int64, len(u.sum.Rows))
	for i := range u.sum.Rows {
		values[i] = u.weight(&u.sum.Rows[i].All)
	}
	return values
}

// weight is what a bar shows of a row: what it cost, or its tokens where nothing
// costs anything.
func (u usagePage) weight(s *wire.UsageSums) int64 {
	if u.sum.All.CostMicroUSD == 0 {
		return s.Tokens
	}
	return s.CostMicroUSD
}

// spark is a line of all days or hours, where there are some.
func (u usagePage) spark(values []int64) string {
	const few = 3
	if !timed(u.sum.By) || len(values) < few {
		return ""
	}
	first, last := rowName(u.sum.By, &u.sum.Rows[0]), rowName(u.sum.By, &u.sum.Rows[len(values)-1])
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
		for timed(u.sum.By) && i+n < len(u.sum.Rows) && u.sum.Rows[i+n].All.Calls == 0 {
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
	if u.sum.Rest != nil {
		shown = append(shown, restRow(u.sum))
	}
	return shown
}

// timed reports whether rows are in the order of time.
func timed(by string) bool { return by == wire.ByDay || by == wire.ByHour }

// rowName is a row's name for people.
func rowName(by string, r *wire.UsageRow) string {
	switch {
	case by == wire.ByDay:
		if day, err := time.Parse(time.DateOnly, r.Key); err == nil {
			return day.Format("Mon _2 Jan")
		}
	case by == wire.ByHour:
		if hour, err := time.Parse(time.RFC3339, r.Key); err == nil {
			return hour.Format("_2 Jan 15:04")
		}
	case r.Title != "":
		return oneLine(r.Title)
	case r.Key == "":
		return unnamed[by]
	case by == wire.ByConversation || by == wire.ByMember || by == wire.ByKey:
		return shortID(r.Key)
	}
	return cmp.Or(oneLine(r.Key), oneLine(r.Title))
}

// unnamed says what has no name of its own.
var unnamed = map[string]string{
	wire.ByConversation: "(kept in no chat)", wire.ByKey: "(keys of the environment)", wire.ByMember: "(nobody)",
}

// costOf is what something cost, for a table.
func costOf(s *wire.UsageSums) string {
	if s.CostMicroUSD == 0 && s.UnpricedCalls > 0 {
		return "?"
	}
	return figure.Money(s.CostMicroUSD)
}
