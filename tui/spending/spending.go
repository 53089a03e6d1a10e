package spending

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/terminal"
)

// Span names a summary's range, both days included, and its time zone. A range that
// begins within a day, and is no period, is named by its moments.
func Span(s *wire.UsageSummary) string {
	zone, err := time.LoadLocation(cmp.Or(s.TimeZone, "UTC"))
	if err != nil {
		zone = time.UTC
	}
	from, last := s.From.In(zone), s.To.In(zone).Add(-time.Microsecond)
	const long = "2 January 2006"
	name := from.Format(long) + " to " + last.Format(long)
	switch {
	case !s.Period && from.Format(time.TimeOnly) != "00:00:00":
		const moment = long + " 15:04"
		name = from.Format(moment) + " to " + s.To.In(zone).Format(moment)
	case from.Format(time.DateOnly) == last.Format(time.DateOnly):
		name = from.Format(long)
	case from.Format("2006-01") == last.Format("2006-01"):
		name = from.Format("2") + " to " + last.Format(long)
	case from.Year() == last.Year():
		name = from.Format("2 January") + " to " + last.Format(long)
	}
	if s.Period {
		name = "This period: " + name
	}
	return name + " (" + line(strings.TrimPrefix(cmp.Or(s.TimeZone, "UTC"), "Etc/")) + ")"
}

// Notes are what is to be known of a summary's sums, a sentence each.
func Notes(s *wire.UsageSummary) (notes []string) {
	a := &s.All
	switch {
	case a.Calls > 0 && s.Uncharged.Calls == a.Calls:
		notes = append(notes, "Nothing of it is charged here: it is what your own keys cost at their providers.")
	case s.Uncharged.Calls > 0:
		notes = append(notes, fmt.Sprintf("%s of it went to keys of your own, and is not charged.", figure.Money(s.Uncharged.CostMicroUSD)))
	}
	if a.UnpricedCalls > 0 {
		notes = append(notes, Calls(a.UnpricedCalls)+" of models whose price is not known: in the tokens, not in the cost.")
	}
	if a.EstimatedCalls > 0 {
		notes = append(notes, fmt.Sprintf("%s of it is estimated: %s without a count of the provider's.", figure.Money(a.EstimatedMicroUSD), Calls(a.EstimatedCalls)))
	}
	if a.FailedCalls > 0 {
		notes = append(notes, Calls(a.FailedCalls)+" failed, and may be billed all the same; what a provider refuses outright is neither billed nor counted.")
	}
	return notes
}

// Calls is a number of calls.
func Calls(n int64) string {
	if n == 1 {
		return "1 call"
	}
	return figure.Grouped(n) + " calls"
}

// Timed reports whether rows by that are in the order of time.
func Timed(by string) bool { return by == wire.ByDay || by == wire.ByHour }

// Name is a row's name.
func Name(by string, r *wire.UsageRow) string {
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
		return line(r.Title)
	case r.Key == "":
		return unnamed[by]
	case by == wire.ByConversation || by == wire.ByMember || by == wire.ByKey:
		return nameless[by] + line(r.Key[:min(len(r.Key), len("0193a7c2-4f1b"))])
	}
	return line(cmp.Or(r.Key, r.Title))
}

// unnamed says what has no name of its own.
var unnamed = map[string]string{
	wire.ByConversation: "(kept in no chat)", wire.ByKey: "(keys of the environment)", wire.ByMember: "(nobody)",
}

// nameless stands before the id of what has no name: a chat without a title may have
// been deleted, a member without a name has.
var nameless = map[string]string{wire.ByConversation: "(no title) ", wire.ByMember: "(deleted) "}

// Cost is what something cost, for a table.
func Cost(s *wire.UsageSums) string {
	if s.CostMicroUSD == 0 && s.UnpricedCalls > 0 {
		return "?"
	}
	return figure.Money(s.CostMicroUSD)
}

// Weight is what a chart shows of some of a summary: what it cost, or its tokens
// where nothing of the whole costs anything.
func Weight(s *wire.UsageSummary, part *wire.UsageSums) int64 {
	if s.All.CostMicroUSD == 0 {
		return part.Tokens
	}
	return part.CostMicroUSD
}

// Weights are those of a summary's rows.
func Weights(s *wire.UsageSummary) []int64 {
	all := make([]int64, len(s.Rows))
	for i := range s.Rows {
		all[i] = Weight(s, &s.Rows[i].All)
	}
	return all
}

// Rest is what a summary's rows do not tell, named so; nil: they tell all.
func Rest(s *wire.UsageSummary) *wire.UsageRow {
	if s.Rest == nil {
		return nil
	}
	rest := *s.Rest
	rest.Key, rest.Title = "", others(s.Left)
	return &rest
}

func others(n int64) string {
	if n == 1 {
		return "1 other"
	}
	return figure.Grouped(n) + " others"
}

// Ahead says where it is going, and whether that is more than the plan has; both
// are empty where nobody can say.
func Ahead(s *wire.UsageSummary) (text, warning string) {
	p := s.Projection
	if p == nil {
		return "", ""
	}
	text = fmt.Sprintf("At this pace %s and %s tokens by its end.", figure.Money(p.CostMicroUSD), figure.Count(p.Tokens))
	if most := monthly(&s.Limits); s.Period && most > 0 && p.CostMicroUSD > most {
		warning = "That is more than the plan's " + figure.Money(most) + "."
	}
	return text, warning
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

// line is one line of text that steers no terminal.
func line(s string) string { return strings.Join(strings.Fields(terminal.Line(s)), " ") }
