package quota

import "github.com/aichat-term/aichat/server/usage"

// Unit is what a limit counts.
type Unit string

// The units.
const (
	Messages Unit = "messages"
	Tokens   Unit = "tokens"
	MicroUSD Unit = "micro_usd" // millionths of a dollar
)

// Units lists the units, in the order in which they are stored and told.
func Units() []Unit { return []Unit{Messages, Tokens, MicroUSD} }

// Amount is so much of each unit. The zero Amount is nothing.
type Amount struct {
	Messages int64
	Tokens   int64
	MicroUSD int64
}

// Of is the amount of one unit; an unknown unit has none.
func (a Amount) Of(u Unit) int64 {
	switch u {
	case Messages:
		return a.Messages
	case Tokens:
		return a.Tokens
	case MicroUSD:
		return a.MicroUSD
	}
	return 0
}

// Plus is the sum of both.
func (a Amount) Plus(b Amount) Amount {
	return Amount{a.Messages + b.Messages, a.Tokens + b.Tokens, a.MicroUSD + b.MicroUSD}
}

// Minus is what is left of a without b.
func (a Amount) Minus(b Amount) Amount {
	return Amount{a.Messages - b.Messages, a.Tokens - b.Tokens, a.MicroUSD - b.MicroUSD}
}

// Unlimited stands for no limit. It is far from overflowing when amounts are
// added to it.
const Unlimited int64 = 1 << 62

// NoLimit is unlimited in each unit.
func NoLimit() Amount { return Amount{Unlimited, Unlimited, Unlimited} }

// lowered is the amount with one unit no larger than most.
func (a Amount) lowered(u Unit, most int64) Amount {
	switch u {
	case Messages:
		a.Messages = min(a.Messages, most)
	case Tokens:
		a.Tokens = min(a.Tokens, most)
	case MicroUSD:
		a.MicroUSD = min(a.MicroUSD, most)
	}
	return a
}

// usedBy is what the ledger's row counts for: its tokens and its cost. Messages
// are counted once for a reservation, not for each of its rows.
func usedBy(e *usage.Entry) Amount {
	return Amount{Tokens: e.Tokens.Total(), MicroUSD: e.CostMicroUSD}
}
