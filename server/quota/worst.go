package quota

import (
	"cmp"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// leastOutput is the shortest answer, in tokens, for which a call is worth
// making when the account has little left.
const leastOutput = 256

// longestOutput is more than any model writes, in tokens. Vendors refuse a number
// beyond what theirs can, so one that nobody would ever reach is not told.
const longestOutput = 1 << 17

// Worst is what is reserved for a call: the estimated prompt, all of it at the
// dearer of the model's prices for what is read anew and what is written to its
// cache, in the tier of its length (or the next, if an estimate that is an eighth
// too low would hide it), or at that of the dearest model that may answer in its
// place, and so many tokens of output:
//
//   - what the call asks for at most, else what the model can write;
//   - but no more than the plan's reserve_output: few answers are as long as they
//     may be, and a huge max_tokens must not lock the account out;
//   - but no more than what is left: the last answer may be a short one, though
//     no shorter than leastOutput, or than what was asked for.
//
// The provider is told to write no more than what is left could pay, so a call
// that runs alone cannot exceed a limit by more than its prompt was
// underestimated; several at once can, by what they write beyond their holds.
// What is really used is charged in any case.
//
// A model without a price costs nothing here; its tokens and messages count.
type Worst struct {
	Prompt int64 // estimated, in tokens
	Output int64 // that is reserved
	Amount Amount

	// MaxOutput is the most that the provider may be asked to write; 0: no limit
	// bounds it.
	MaxOutput int64
}

// worstOf is the worst case of a call of which at most left is to be had. Where
// it does not fit, its Amount is more than left.
func worstOf(ask *Ask, plan *Plan, left Amount, at time.Time) Worst {
	w := Worst{Prompt: max(0, ask.Prompt)}
	if ask.Kind == usage.Answer {
		w.Amount.Messages = 1
	}
	price := dearest(&ask.Route, at, w.Prompt)
	paid := payable(price, w.Prompt, left)
	wanted := cmp.Or(ask.MaxOutput, Unlimited)
	w.Output = min(wanted, plan.reserve(), max(paid, leastOutput))
	w.Amount.Tokens = w.Prompt + w.Output
	w.Amount.MicroUSD = price.Cost(provider.Usage{Input: w.Prompt, Output: w.Output})
	if paid < Unlimited {
		w.MaxOutput = max(1, min(wanted, paid))
	}
	return w
}

// whole is what the call takes if it writes all that it may: what a limit must leave
// for it not to be bounded.
func (w *Worst) whole(ask *Ask, at time.Time) Amount {
	output := max(w.Output, cmp.Or(ask.MaxOutput, longestOutput))
	price := dearest(&ask.Route, at, w.Prompt)
	return Amount{w.Amount.Messages, w.Prompt + output, price.Cost(provider.Usage{Input: w.Prompt, Output: output})}
}

// dearest is the most that a call at that time with a prompt of about so many
// tokens can cost by any of its ways, with input at the most that it can cost.
func dearest(r *provider.Route, at time.Time, prompt int64) (most provider.Price) {
	raise := func(m *provider.Model) {
		for _, tokens := range [2]int64{prompt, prompt + prompt/8} {
			if p := m.PriceAt(at, tokens); p != nil {
				most.Input, most.Output = max(most.Input, p.Input, p.CachedWrite), max(most.Output, p.Output)
			}
		}
	}
	raise(&r.Model)
	for i := range r.Others {
		raise(&r.Others[i].Model)
	}
	return most
}

// payable is how many tokens of output what is left would pay beside the prompt;
// below zero where not even that is paid, Unlimited where nothing is limited.
func payable(p provider.Price, prompt int64, left Amount) int64 {
	paid := Unlimited
	if left.Tokens < Unlimited {
		paid = left.Tokens - prompt
	}
	if left.MicroUSD < Unlimited {
		paid = min(paid, bought(left.MicroUSD-p.Cost(provider.Usage{Input: prompt}), p.Output))
	}
	return paid
}

// bought is how many tokens so many micro-dollars buy, at a price per million.
func bought(microUSD, price int64) int64 {
	const million = 1_000_000
	switch {
	case microUSD < 0:
		return -1
	case price <= 0 || microUSD/price > Unlimited/million/2:
		return Unlimited
	}
	return microUSD/price*million + microUSD%price*million/price
}
