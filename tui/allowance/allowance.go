package allowance

import (
	"fmt"
	"math/bits"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/figure"
)

// levels are the percentages at which people are told, as the server tells them.
var levels = []int64{80, 90, 100}

// Left is how much of a limit may still be used, what answers that run hold not
// counted; never less than nothing.
func Left(l *wire.Limit) int64 { return max(l.Most-l.Used-l.Held, 0) }

// Level is the highest of 80, 90 and 100 per cent that has been used; 0: none. Of
// a limit of nothing all is.
func Level(l *wire.Limit) int64 {
	if l.Most <= 0 {
		return 100
	}
	reached := int64(0)
	for _, level := range levels {
		if figure.Percent(l.Used, l.Most) >= level {
			reached = level
		}
	}
	return reached
}

// Tight reports whether a limit is used up, or nearly.
func Tight(l *wire.Limit) bool { return Level(l) > 0 || Left(l) == 0 }

// More says where to look for more than the plan has; empty where nothing is tight.
func More(l *wire.Limits) string {
	for i := range l.Limits {
		if Tight(&l.Limits[i]) {
			return "To see which plans have more, type: aichat upgrade"
		}
	}
	return ""
}

// Tightest is the limit of which the least is left, in proportion, among those
// that a question to the model counts in; nil: nothing is limited. Limits of keys
// are not looked at: which key is used the server decides, and another may do.
func Tightest(l *wire.Limits, model string) *wire.Limit {
	if l == nil || !l.Metered {
		return nil
	}
	var tightest *wire.Limit
	for i := range l.Limits {
		next := &l.Limits[i]
		if next.Scope == "key" || next.Scope == "model" && next.Subject != model {
			continue
		}
		if tightest == nil || tighter(next, tightest) {
			tightest = next
		}
	}
	return tightest
}

// tighter reports whether less is left of a, in proportion: left(a)/most(a) <
// left(b)/most(b), by cross multiplication.
func tighter(a, b *wire.Limit) bool {
	product := func(x, y int64) (hi, lo uint64) {
		return bits.Mul64(uint64(max(x, 0)), uint64(max(y, 1)))
	}
	hiA, loA := product(Left(a), b.Most)
	hiB, loB := product(Left(b), a.Most)
	return hiA < hiB || hiA == hiB && loA < loB
}

// Amount is so much of a limit's unit: "3 messages", "1.2M tokens", "$0.24".
func Amount(unit string, n int64) string {
	switch unit {
	case "micro_usd":
		return figure.Money(n)
	case "messages":
		if n == 1 {
			return "1 message"
		}
		return figure.Grouped(n) + " messages"
	case "tokens":
		return figure.Count(n) + " tokens"
	}
	return figure.Grouped(n)
}

// Brief is what is left, in a few words: "$0.24 left this month".
func Brief(l *wire.Limit) string {
	return Amount(l.Unit, Left(l)) + " left " + running(l.Period)
}

// Rest is what is left of how much, and for whom: "$0.24 of $2.00 a month".
func Rest(l *wire.Limit) string {
	left, _, _ := strings.Cut(Amount(l.Unit, Left(l)), " ")
	return left + " of " + named(l)
}

// Rates are how fast the plan lets its account ask, a sentence; empty: as fast as it
// likes.
func Rates(r *wire.Rates) string {
	var parts []string
	add := func(n int64, one, many, when string) {
		switch {
		case n == 1:
			parts = append(parts, "1 "+one+when)
		case n > 1:
			parts = append(parts, figure.Grouped(n)+" "+many+when)
		}
	}
	add(r.RequestsPerMinute, "question", "questions", " a minute")
	add(r.TokensPerMinute, "token", "tokens", " a minute")
	add(r.Streams, "answer", "answers", " at once")
	if r.SessionStreams < r.Streams || r.Streams == 0 {
		add(r.SessionStreams, "answer", "answers", " at once for each sign-in")
	}
	if len(parts) == 0 {
		return ""
	}
	return "At most " + strings.Join(parts, ", ") + "."
}

// Bar is how many cells a limit's bar takes where its words leave so much room: no
// more than most, and no fewer than can still be read.
func Bar(room, most int) int {
	const least = 6
	return max(min(room, most), min(least, most))
}

// running names the period that runs.
func running(p string) string {
	if p == "day" {
		return "today"
	}
	return "this " + p
}

// named names a limit: "$2.00 a month", "20 messages a day of openai/gpt-5".
func named(l *wire.Limit) string { return Amount(l.Unit, l.Most) + " a " + l.Period + whose(l) }

// Kind names what is limited, without how much: "dollars a month", "messages a day
// of openai/gpt-5".
func Kind(l *wire.Limit) string {
	unit := l.Unit
	if unit == "micro_usd" {
		unit = "dollars"
	}
	return unit + " a " + l.Period + whose(l)
}

// whose says whom a limit is for, where that is not the account.
func whose(l *wire.Limit) string {
	switch {
	case l.Scope == "member":
		return " for you"
	case l.Scope == "key":
		return " with the key " + l.Subject
	case l.Subject != "":
		return " of " + l.Subject
	}
	return ""
}

// Reached says that a level of a limit was passed, and when it begins anew in the
// person's own time; now carries their zone.
func Reached(l *wire.Limit, now time.Time) string {
	if Level(l) >= 100 {
		return fmt.Sprintf("The limit of %s is reached. %s", named(l), Resets(l.ResetsAt, now))
	}
	return fmt.Sprintf("%d %% of %s are used: %s. %s", Level(l), named(l), Brief(l), Resets(l.ResetsAt, now))
}

// Resets says when a limit begins anew.
func Resets(at, now time.Time) string {
	if !at.After(now) {
		return "It begins anew now."
	}
	return fmt.Sprintf("It begins anew in %s, %s your time.", figure.Span(at.Sub(now)), figure.At(at, now))
}
