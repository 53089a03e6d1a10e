package usage

import (
	"time"

	"github.com/aichat-term/aichat/server/provider"
)

// Sums are the sums of some rows. The zero Sums are those of none.
type Sums struct {
	Calls    int64
	Tokens   provider.Usage
	MicroUSD int64

	// EstimatedCalls are those whose tokens are ours, EstimatedMicroUSD what of the
	// cost they are.
	EstimatedCalls    int64
	EstimatedMicroUSD int64

	UnpricedCalls int64 // of models whose price is unknown: not in the cost
	FailedCalls   int64
}

// Plus is the sum of both.
func (s Sums) Plus(o Sums) Sums {
	return Sums{
		Calls: s.Calls + o.Calls,
		Tokens: provider.Usage{
			Input:           s.Tokens.Input + o.Tokens.Input,
			CachedRead:      s.Tokens.CachedRead + o.Tokens.CachedRead,
			CachedWrite:     s.Tokens.CachedWrite + o.Tokens.CachedWrite,
			CachedWriteLong: s.Tokens.CachedWriteLong + o.Tokens.CachedWriteLong,
			Output:          s.Tokens.Output + o.Tokens.Output,
			Reasoning:       s.Tokens.Reasoning + o.Tokens.Reasoning,
		},
		MicroUSD:          s.MicroUSD + o.MicroUSD,
		EstimatedCalls:    s.EstimatedCalls + o.EstimatedCalls,
		EstimatedMicroUSD: s.EstimatedMicroUSD + o.EstimatedMicroUSD,
		UnpricedCalls:     s.UnpricedCalls + o.UnpricedCalls,
		FailedCalls:       s.FailedCalls + o.FailedCalls,
	}
}

// SumsOf are the sums of one row.
func SumsOf(e *Entry) Sums {
	s := Sums{Calls: 1, Tokens: e.Tokens, MicroUSD: e.CostMicroUSD}
	if e.Source.Ours() {
		s.EstimatedCalls, s.EstimatedMicroUSD = 1, e.CostMicroUSD
	}
	if !e.PriceKnown {
		s.UnpricedCalls = 1
	}
	if e.Outcome == Failed {
		s.FailedCalls = 1
	}
	return s
}

// By is what sums are grouped by.
type By string

// What sums are grouped by.
const (
	ByDay          By = "day"
	ByHour         By = "hour"
	ByModel        By = "model"
	ByProvider     By = "provider"
	ByConversation By = "conversation"
	ByMember       By = "member"
	ByKey          By = "key"
	ByKind         By = "kind"
	ByAccount      By = "account"
)

// Timed reports whether the groups are pieces of time.
func (b By) Timed() bool { return b == ByDay || b == ByHour }

// Group are the sums of rows that have something in common.
type Group struct {
	Key string    // what they have; empty where grouped by time
	At  time.Time // a moment of theirs, where grouped by time

	All       Sums
	Uncharged Sums // of All, what counts against no limit
}

// plus is the sum of both, under g's name.
func (g Group) plus(o Group) Group {
	g.All, g.Uncharged = g.All.Plus(o.All), g.Uncharged.Plus(o.Uncharged)
	return g
}

// Total are the sums of all groups.
func Total(groups []Group) (all, uncharged Sums) {
	var total Group
	for _, g := range groups {
		total = total.plus(g)
	}
	return total.All, total.Uncharged
}
