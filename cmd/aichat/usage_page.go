package main

import (
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
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

// faint is a text in faint rows; nothing of nothing.
func (c canvas) faint(text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, row := range terminal.Wrap(text, c.width) {
		b.WriteString(c.dim(row) + "\n")
	}
	return b.String()
}

// nothing says that nothing was used in the time that was asked for, and how to
// look further back where none was.
func (c canvas) nothing(o rangeOptions, command string) string {
	text := "Nothing was used in this time."
	if !o.ranged() {
		text += " To look further back: " + command + " --from last-month"
	}
	return c.rows(text)
}

// rows is a text in rows of the canvas's width.
func (c canvas) rows(text string) string {
	return strings.Join(terminal.Wrap(text, c.width), "\n") + "\n"
}

// usagePage draws a summary for people.
type usagePage struct {
	sum   *wire.UsageSummary
	asked rangeOptions
	canvas
}

func (u usagePage) text() string {
	var b strings.Builder
	b.WriteString(u.head())
	if u.sum.All.Calls == 0 {
		b.WriteString(u.nothing(u.asked, "aichat usage"))
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
		b.WriteString(u.faint(note))
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
	return text + u.faint(oneLine(u.sum.Projection.Text))
}
