package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/allowance"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/spending"
	"github.com/aichat-term/aichat/tui/terminal"
)

// canvas is what is drawn on: how wide, with what characters and colours, and
// when.
type canvas struct {
	style
	width int
	glyph chart.Set
	dots  string    // where a text is cut
	now   time.Time // carries the person's zone
}

// canvas is the terminal's. Very wide ones are not filled: bars of a metre say no
// more.
func (p *program) canvas() canvas {
	const readable = 120
	c := canvas{style: p.style, width: min(p.out.width(), readable), glyph: chart.For(!p.env.unicode()), dots: "…", now: p.now()}
	if !p.env.unicode() {
		c.dots = "..."
	}
	return c
}

// people is a text for the terminal: in ASCII where it shows no more.
func (p *program) people(text string) string {
	if p.env.unicode() {
		return text
	}
	return terminal.ASCII(figure.Plain(text))
}

// usagePage draws a summary for people.
type usagePage struct {
	sum *wire.UsageSummary
	canvas
}

func (u usagePage) text() string {
	var b strings.Builder
	b.WriteString(u.head())
	if u.sum.All.Calls == 0 {
		b.WriteString("Nothing was used.\n")
	} else {
		b.WriteString("\n" + u.rows())
	}
	b.WriteString(u.ahead())
	b.WriteString(limitLines(&u.sum.Limits, u.canvas))
	return b.String()
}

// head is the range, the sums, and what is to be known of them.
func (u usagePage) head() string {
	s := u.sum
	var b strings.Builder
	b.WriteString(u.bold(spending.Span(s)) + "\n")
	if a := &s.All; a.Calls > 0 {
		b.WriteString(u.bold(figure.Money(a.CostMicroUSD)) + ", " + figure.Count(a.Tokens) + " tokens, " + spending.Calls(a.Calls) + "\n")
	}
	for _, note := range spending.Notes(s) {
		for _, row := range terminal.Wrap(note, u.width) {
			b.WriteString(u.dim(row) + "\n")
		}
	}
	return b.String()
}

// ahead is where it is going.
func (u usagePage) ahead() string {
	text, warning := spending.Ahead(u.sum)
	if text == "" {
		return ""
	}
	if warning != "" {
		text += " " + u.mark(warning)
	}
	text = "\n" + strings.Join(terminal.Wrap(text, u.width), "\n") + "\n"
	for _, row := range terminal.Wrap(oneLine(u.sum.Projection.Text), u.width) {
		text += u.dim(row) + "\n"
	}
	return text
}

// limitLines are what is left of each limit; nothing where there is none.
func limitLines(l *wire.Limits, c canvas) string {
	if !l.Metered {
		return ""
	}
	plan := oneLine(cmp.Or(l.Title, l.Plan))
	if len(l.Limits) == 0 {
		return "\nThe plan " + plan + " limits nothing.\n"
	}
	var b strings.Builder
	b.WriteString("\nLeft of the plan " + c.bold(plan) + "\n")
	bar := min(20, c.width/4)
	for i := range l.Limits {
		m := &l.Limits[i]
		left := allowance.Left(m)
		paint := c.good
		if allowance.Level(m) > 0 {
			paint = c.mark
		}
		if left == 0 {
			paint = c.bad
		}
		drawn := paint(c.glyph.Bar(left, m.Most, bar)) + c.dim(c.glyph.Track(left, m.Most, bar))
		resets := "now"
		if m.ResetsAt.After(c.now) {
			resets = "in " + figure.Span(m.ResetsAt.Sub(c.now)) + ", " + figure.At(m.ResetsAt, c.now)
		}
		line := fmt.Sprintf("  %s  %3d %% left: %s", drawn, figure.Percent(left, m.Most), oneLine(allowance.Rest(m)))
		for terminal.Width(line+"; anew "+resets) > c.width && strings.Contains(resets, ",") {
			resets, _, _ = strings.Cut(resets, ",")
		}
		b.WriteString(terminal.Truncate(line+c.dim("; anew "+resets), c.width, c.dots) + "\n")
	}
	return b.String()
}
