package quota_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
)

// TestWorstByTier: what is held is at the price of the prompt's tier, and at the
// next one's where an estimate that is a little too low would hide it; what a
// crash leaves behind is settled at the tier of the estimate.
func TestWorstByTier(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ prompt, each, price int64 }{
		{100, 2, 1_000_000},
		{80_000, 2, 1_000_000},
		{90_000, 20, 1_000_000}, // 101 250 with an eighth more
		{100_000, 20, 1_000_000},
		{100_001, 20, 10_000_000},
		{500_000, 20, 10_000_000},
	} {
		a := ask(tc.prompt, 1000)
		a.Route.Model.Prices = provider.Prices{
			{Input: 1_000_000, CachedWrite: 2_000_000, Output: 4_000_000},
			{Input: 10_000_000, CachedWrite: 20_000_000, Output: 40_000_000, Above: 100_000},
			{Input: 70_000_000, From: "2026-05-18"}, // tomorrow
		}
		h, err := policy(&standing{at: used(quota.Amount{}, quota.Amount{})}, quota.Plan{}).Admit(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		if want := tc.each * (tc.prompt + 2*1000); h.Worst.Amount.MicroUSD != want || h.Price.Input != tc.price {
			t.Errorf("%d tokens: %d held at %+v, want %d", tc.prompt, h.Worst.Amount.MicroUSD, *h.Price, want)
		}
	}
}
