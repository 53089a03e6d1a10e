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
	b.WriteString(u.bold(span(s)) + "\n")
	if a := &s.All; a.Calls > 0 {
		b.WriteString(u.bold(figure.Money(a.CostMicroUSD)) + ", " + figure.Count(a.Tokens) + " tokens, " + count(int(a.Calls), "call") + "\n")
	}
	for _, note := range sumNotes(s) {
		for _, row := range terminal.Wrap(note, u.width) {
			b.WriteString(u.dim(row) + "\n")
		}
	}
	return b.String()
}

// span names the range, both days included.
func span(s *wire.UsageSummary) string {
	zone, err := time.LoadLocation(cmp.Or(s.TimeZone, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	from, to := s.From.In(zone), s.To.In(zone)
	last := to.Add(-time.Microsecond)
	name := from.Format("2 January 2006") + " to " + last.Format("2 January 2006")
	switch {
	case from.Format(time.DateOnly) == last.Format(time.DateOnly):
		name = from.Format("2 January 2006")
	case from.Format("2006-01") == last.Format("2006-01"):
		name = from.Format("2") + " to " + last.Format("2 January 2006")
	case from.Year() == last.Year():
		name = from.Format("2 January") + " to " + last.Format("2 January 2006")
	}
	if s.Period {
		name = "This period: " + name
	}
	return name + " (" + oneLine(s.TimeZone) + ")"
}

// sumNotes are what is to be known of the sums.
func sumNotes(s *wire.UsageSummary) (notes []string) {
	a := &s.All
	switch {
	case a.Calls > 0 && s.Uncharged.Calls == a.Calls:
		notes = append(notes, "Nothing of it is charged here: it is what your own keys cost at their providers.")
	case s.Uncharged.Calls > 0:
		notes = append(notes, fmt.Sprintf("Of it %s are with your own keys, and not charged.", figure.Money(s.Uncharged.CostMicroUSD)))
	}
	if a.UnpricedCalls > 0 {
		notes = append(notes, count(int(a.UnpricedCalls), "call")+" of models whose price is not known: in the tokens, not in the cost.")
	}
	if a.EstimatedCalls > 0 {
		notes = append(notes, fmt.Sprintf("%s of it is estimated: the provider reported nothing of %s.", figure.Money(a.EstimatedMicroUSD), count(int(a.EstimatedCalls), "call")))
	}
	if a.FailedCalls > 0 {
		notes = append(notes, count(int(a.FailedCalls), "call")+" failed, and may be billed all the same.")
	}
	return notes
}

// ahead is where it is going.
func (u usagePage) ahead() string {
	p := u.sum.Projection
	if p == nil {
		return ""
	}
	text := fmt.Sprintf("At this pace %s and %s tokens by its end.", u.bold(figure.Money(p.CostMicroUSD)), figure.Count(p.Tokens))
	if most := monthly(&u.sum.Limits); u.sum.Period && most > 0 && p.CostMicroUSD > most {
		text += " " + u.mark("That is more than the plan's "+figure.Money(most)+".")
	}
	text = "\n" + strings.Join(terminal.Wrap(text, u.width), "\n") + "\n"
	for _, row := range terminal.Wrap(oneLine(p.Text), u.width) {
		text += u.dim(row) + "\n"
	}
	return text
}

// monthly is how many micro-dollars the account has in a month; 0: as many as it
// likes.
func monthly(l *wire.Limits) int64 {
	for i := range l.Limits {
		if m := &l.Limits[i]; m.Scope == "account" && m.Period == "month" && m.Unit == "micro_usd" {
			return m.Most
		}
	}
	return 0
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
		line := fmt.Sprintf("  %s  %3d %%  %s", drawn, figure.Percent(left, m.Most), oneLine(allowance.Rest(m)))
		for terminal.Width(line+"; anew "+resets) > c.width && strings.Contains(resets, ",") {
			resets, _, _ = strings.Cut(resets, ",")
		}
		b.WriteString(terminal.Truncate(line+c.dim("; anew "+resets), c.width, c.dots) + "\n")
	}
	return b.String()
}
