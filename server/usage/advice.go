package usage

import (
	"cmp"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/provider"
)

// Advice is one suggestion, with what it was drawn from.
type Advice struct {
	Rule    Rule
	Subject string // the model or conversation it is about; empty: the account
	Title   string // in a few words
	Saw     string // what was seen
	Sum     string // the arithmetic
	Do      string // what to do
	Command string // what to type; empty: nothing in particular

	// SavesMicroUSD is what the same usage would have cost less; 0: no sum can be
	// told.
	SavesMicroUSD int64
}

// Rule names what advice came from.
type Rule string

// The rules.
const (
	CheaperModel Rule = "cheaper_model"
	Caching      Rule = "caching"
	Runaway      Rule = "runaway_conversation"
	UnusedPlan   Rule = "unused_plan"
)

// Evidence is what advice is drawn from: one's own usage of a range, and what else
// there is.
type Evidence struct {
	Models        []Row // by model
	Conversations []Row // by conversation, the dearest first
	Titles        map[string]string

	// Offers are the models there are, which the caller may ask or not.
	Offers []provider.Offer

	// Plan is nil where nothing is limited, or the plan is the one that everybody
	// has.
	Plan *PlanUse
}

// PlanUse is how far a plan's current month is used.
type PlanUse struct {
	Title  string
	Month  Span
	Now    time.Time
	Limits []LimitUse // of the whole account, for the month
}

// LimitUse is how far one limit is used.
type LimitUse struct {
	What       string // for people: "tokens"; empty: they are micro-dollars
	Used, Most int64
}

// text is so much of it for people.
func (l LimitUse) text(n int64) string {
	if l.What == "" {
		return Dollars(n)
	}
	return Grouped(n) + " " + l.What
}

// Advise applies all rules, and returns what saves most first. A rule that has seen
// nothing worth a word says none: what would save less than half a dollar is not.
func Advise(e *Evidence) []Advice {
	all := slices.Concat(cheaperModels(e), cachings(e), runaways(e), unusedPlan(e))
	slices.SortStableFunc(all, func(a, b Advice) int { return cmp.Compare(b.SavesMicroUSD, a.SavesMicroUSD) })
	return all
}

// worthIt is the least that is worth a suggestion.
const worthIt = 500_000 // micro-dollars

// offer finds a model among the offers.
func (e *Evidence) offer(id string) *provider.Offer {
	at := slices.IndexFunc(e.Offers, func(o provider.Offer) bool { return o.ID() == id })
	if at < 0 {
		return nil
	}
	return &e.Offers[at]
}

// percent is a of b in hundredths, rounded down; 0 of nothing.
func percent(a, b int64) int64 {
	if b <= 0 {
		return 0
	}
	if a > 1<<56 { // a hundred of them would be no int64
		return a / max(b/100, 1)
	}
	return a * 100 / b
}
