package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

// limitLines are what is left of each limit; nothing where there is none.
func limitLines(l *wire.Limits, c canvas) string {
	if !l.Metered {
		return ""
	}
	plan := oneLine(cmp.Or(l.Title, l.Plan))
	rates := allowance.Rates(&l.Rates)
	switch {
	case len(l.Limits) > 0:
	case rates != "":
		return "\nThe plan " + plan + " limits only how fast you ask.\n" + c.faint(rates)
	default:
		return "\nThe plan " + plan + " limits nothing.\n"
	}
	var b strings.Builder
	b.WriteString("\nLeft of the plan " + c.bold(plan) + "\n")
	longest := 0
	for i := range l.Limits {
		longest = max(longest, terminal.Width(limitText(&l.Limits[i])+"; "+c.anew(&l.Limits[i])))
	}
	bar := allowance.Bar(c.width-longest-2*len(gutter), min(20, c.width/4))
	for i := range l.Limits {
		b.WriteString(c.limitLine(&l.Limits[i], bar))
	}
	b.WriteString(c.faint(rates))
	if more := allowance.More(l); more != "" {
		b.WriteString(strings.Join(terminal.Wrap(more, c.width), "\n") + "\n")
	}
	return b.String()
}

// limitText is what is left of a limit, in figures.
func limitText(l *wire.Limit) string {
	return fmt.Sprintf("%3d %% left: %s", figure.Percent(allowance.Left(l), l.Most), oneLine(allowance.Rest(l)))
}

// anew says in how long a limit begins anew.
func (c canvas) anew(l *wire.Limit) string {
	if !l.ResetsAt.After(c.now) {
		return "anew now"
	}
	return "anew in " + figure.Span(l.ResetsAt.Sub(c.now))
}

// limitLine is a limit with its bar. When it begins anew stands behind it, with the
// moment where there is room, or below it where there is none at all.
func (c canvas) limitLine(l *wire.Limit, bar int) string {
	left := allowance.Left(l)
	paint := c.good
	switch {
	case left == 0:
		paint = c.bad
	case allowance.Level(l) > 0:
		paint = c.mark
	}
	drawn := gutter + paint(c.glyph.Bar(left, l.Most, bar)) + c.dim(c.glyph.Track(left, l.Most, bar)) + gutter
	line := terminal.Truncate(drawn+limitText(l), c.width, c.dots)
	anew := c.anew(l)
	if whole := anew + ", " + figure.At(l.ResetsAt, c.now); l.ResetsAt.After(c.now) && terminal.Width(line+"; "+whole) <= c.width {
		anew = whole
	}
	if terminal.Width(line+"; "+anew) > c.width {
		return line + "\n" + strings.Repeat(" ", terminal.Width(drawn)) + c.dim(anew) + "\n"
	}
	return line + c.dim("; "+anew) + "\n"
}
