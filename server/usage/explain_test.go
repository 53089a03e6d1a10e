package usage_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

func TestExplain(t *testing.T) {
	t.Parallel()
	price := provider.Price{Input: 3_000_000, CachedRead: 300_000, CachedWrite: 3_750_000, Output: 15_000_000}
	for _, tc := range []struct {
		name  string
		entry usage.Entry
		want  string
	}{
		{"exact", usage.Entry{Tokens: provider.Usage{Input: 1200, Output: 80}, PriceKnown: true, Price: price, Charged: true, Attempt: 1},
			"1,200 input × $3/M + 80 output × $15/M = $0.0048; tokens as the provider reported them"},
		{"rounded", usage.Entry{Tokens: provider.Usage{CachedRead: 1, CachedWrite: 3}, PriceKnown: true, Price: price, Charged: true, Attempt: 1},
			"1 cached × $0.3/M + 3 written to the cache × $3.75/M = $0.000012, rounded up once; tokens as the provider reported them"},
		{"everything else", usage.Entry{Tokens: provider.Usage{Input: 10, Output: 9, Reasoning: 4}, PriceKnown: true, Price: price, Attempt: 2, Source: usage.Estimated, Outcome: usage.Completed},
			"10 input × $3/M + 9 output × $15/M = $0.000165; tokens estimated, as the provider reported none; 4 of the output were reasoning; attempt 2; not charged to any limit"},
		{"after a crash", usage.Entry{Tokens: provider.Usage{Input: 10, Output: 9}, PriceKnown: true, Price: price, Charged: true, Attempt: 1,
			Source: usage.Estimated, Outcome: usage.Interrupted},
			"10 input × $3/M + 9 output × $15/M = $0.000165; tokens estimated after a crash, from the prompt and from what was stored of the answer"},
		{"interrupted, and seen to be", usage.Entry{Tokens: provider.Usage{Input: 10}, PriceKnown: true, Price: price, Charged: true, Attempt: 1,
			Source: usage.Estimated, Outcome: usage.Interrupted, Total: time.Second},
			"10 input × $3/M = $0.00003; tokens estimated, as the call ended before the provider's last word on them"},
		{"broken off", usage.Entry{Tokens: provider.Usage{Input: 1000, Output: 500}, PriceKnown: true, Price: price, Charged: true, Attempt: 1,
			Source: usage.Estimated, Outcome: usage.Failed},
			"1,000 input × $3/M + 500 output × $15/M = $0.0105; tokens estimated, as the call ended before the provider's last word on them"},
		{"not believed", usage.Entry{Tokens: provider.Usage{Input: 10, Output: 1}, PriceKnown: true, Price: price, Charged: true, Attempt: 1,
			Source: usage.Disbelieved, Outcome: usage.Completed},
			"10 input × $3/M + 1 output × $15/M = $0.000045; tokens estimated, as those that the provider reported cannot be true"},
		{"too late", usage.Entry{Tokens: provider.Usage{Input: 10}, PriceKnown: true, Price: price, Reservation: "r", Attempt: 1},
			"10 input × $3/M = $0.00003; tokens as the provider reported them; not charged to any limit, as what was reserved for it had been settled before"},
		{"tier, date and hour", usage.Entry{Tokens: provider.Usage{Input: 300_000, CachedWrite: 30, CachedWriteLong: 20}, PriceKnown: true, Charged: true, Attempt: 1,
			Price: provider.Price{Input: 6_000_000, CachedWrite: 8_000_000, CachedWriteLong: 9_500_000, Above: 200_000, From: "2026-10-07"}},
			"300,000 input × $6/M + 10 written to the cache × $8/M + 20 written to the cache for an hour × $9.5/M = $1.80027; " +
				"the price of prompts above 200,000 tokens; the price since 2026-10-07; tokens as the provider reported them"},
		{"no price", usage.Entry{Tokens: provider.Usage{Output: 1_000_000}, Charged: true, Attempt: 1},
			"1,000,000 output; the model's price is not known, so no cost; tokens as the provider reported them"},
		{"nothing", usage.Entry{PriceKnown: true, Price: price, Charged: true, Attempt: 1},
			"no tokens = $0.00; tokens as the provider reported them"},
	} {
		if tc.entry.PriceKnown {
			tc.entry.CostMicroUSD = tc.entry.Price.Cost(tc.entry.Tokens)
		}
		if tc.entry.Source == "" {
			tc.entry.Source = usage.Reported
		}
		if got := usage.Explain(&tc.entry).Text; got != tc.want {
			t.Errorf("%s:\n%s\nwant\n%s", tc.name, got, tc.want)
		}
	}
}

// The lines and what was rounded are the cost, for any tokens and any price.
func TestExplanationsAddUp(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(3, 4))
	n := func() int64 { return dice.Int64N(1 << dice.IntN(40)) }
	for range 10_000 {
		e := usage.Entry{PriceKnown: true, Tokens: provider.Usage{Input: n(), CachedRead: n(), CachedWrite: n(), Output: n()},
			Price: provider.Price{Input: n(), CachedRead: n(), CachedWrite: n(), Output: n()}}
		e.Tokens.CachedWriteLong, e.Price.CachedWriteLong = e.Tokens.CachedWrite/3, n()/2
		e.CostMicroUSD = e.Price.Cost(e.Tokens)
		x := usage.Explain(&e)
		var whole, rest int64
		for _, l := range x.Lines {
			whole, rest = whole+l.MicroUSD, rest+l.Millionths
		}
		rest += x.RoundedUp
		if rest%1_000_000 != 0 || whole+rest/1_000_000 != e.CostMicroUSD || x.RoundedUp >= 1_000_000 {
			t.Fatalf("%+v: %+v", e, x)
		}
	}
}
