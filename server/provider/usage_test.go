package provider_test

import (
	"cmp"
	"math"
	"math/big"
	"math/rand/v2"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
)

const (
	most     = provider.MostTokens
	trillion = 1 << 40
)

func TestCredible(t *testing.T) {
	t.Parallel()
	known := provider.Model{Context: 1000, Output: 100}
	for name, tc := range map[string]struct {
		model    provider.Model
		in, want provider.Usage
		odd      bool
	}{
		"zero":         {},
		"sane":         {in: provider.Usage{Input: 1, CachedRead: 2, CachedWrite: 3, CachedWriteLong: 2, Output: 5, Reasoning: 4}, want: provider.Usage{Input: 1, CachedRead: 2, CachedWrite: 3, CachedWriteLong: 2, Output: 5, Reasoning: 4}},
		"at bounds":    {in: provider.Usage{Input: most - 1, CachedRead: 1, Output: most, Reasoning: most}, want: provider.Usage{Input: most - 1, CachedRead: 1, Output: most, Reasoning: most}},
		"negative":     {in: provider.Usage{Input: -1, Output: -3, Reasoning: -2}, odd: true},
		"huge prompt":  {in: provider.Usage{Input: most, CachedRead: 1, Output: 5}, want: provider.Usage{Output: 5}, odd: true},
		"huge output":  {in: provider.Usage{Input: 5, Output: most + 1, Reasoning: 2}, want: provider.Usage{Input: 5}, odd: true},
		"the largest":  {in: provider.Usage{Input: 1 << 60, CachedRead: 1 << 60, Output: math.MaxInt64}, odd: true},
		"the smallest": {in: provider.Usage{Input: -1 << 60, CachedRead: -1 << 60, Output: math.MinInt64}, odd: true},

		"more cached than there is": {in: provider.Usage{Input: -9899, CachedRead: 9999, Output: 5}, want: provider.Usage{CachedRead: 100, Output: 5}, odd: true},
		"less than nothing cached":  {in: provider.Usage{Input: 10099, CachedRead: -9999, Output: 5}, want: provider.Usage{Input: 100, Output: 5}, odd: true},
		"written beyond the prompt": {in: provider.Usage{Input: -1, CachedRead: 3, CachedWrite: 3, CachedWriteLong: 3}, want: provider.Usage{CachedRead: 3, CachedWrite: 2, CachedWriteLong: 2}, odd: true},
		"overthinks":                {in: provider.Usage{Output: 10, Reasoning: 11}, want: provider.Usage{Output: 10, Reasoning: 10}, odd: true},
		"thinks less than nothing":  {in: provider.Usage{Output: 10, Reasoning: -11}, want: provider.Usage{Output: 10}, odd: true},
		"hours beyond writes":       {in: provider.Usage{CachedWrite: 3, CachedWriteLong: 4}, want: provider.Usage{CachedWrite: 3, CachedWriteLong: 3}, odd: true},

		"beyond the window, as it may have grown": {model: known, in: provider.Usage{Input: 8000, Output: 800}, want: provider.Usage{Input: 8000, Output: 800}},
		"far beyond the window":                   {model: known, in: provider.Usage{Input: 9000, Output: 80}, want: provider.Usage{Output: 80}, odd: true},
		"an answer longer than is listed":         {model: known, in: provider.Usage{Input: 900, Output: 1 << 17}, want: provider.Usage{Input: 900, Output: 1 << 17}},
		"far beyond the longest answer":           {model: known, in: provider.Usage{Input: 900, Output: 1<<17 + 8}, want: provider.Usage{Input: 900}, odd: true},
		"an answer far beyond the window":         {model: provider.Model{Context: 1000}, in: provider.Usage{Input: 900, Output: 1<<17 + 8}, want: provider.Usage{Input: 900}, odd: true},
		"that of a model that writes long ones":   {model: provider.Model{Output: 1 << 18}, in: provider.Usage{Output: 1 << 21}, want: provider.Usage{Output: 1 << 21}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, odd := tc.in.Credible(&tc.model)
			if got != tc.want || odd != tc.odd {
				t.Errorf("of %+v: %+v, %v; want %+v, %v", tc.in, got, odd, tc.want, tc.odd)
			}
			if again, odd := got.Credible(&tc.model); again != got || odd {
				t.Errorf("what was believed is not believed again: %+v", again)
			}
		})
	}
}

func TestSums(t *testing.T) {
	t.Parallel()
	u := provider.Usage{Input: 1, CachedRead: 20, CachedWrite: 300, Output: 4000, Reasoning: 3000}
	if u.Prompt() != 321 || u.Total() != 4321 {
		t.Errorf("Prompt %d, Total %d; want 321, 4321 (reasoning is inside output)", u.Prompt(), u.Total())
	}
}

func TestCost(t *testing.T) {
	t.Parallel()
	sonnet := provider.Price{Input: 3_000_000, CachedRead: 300_000, CachedWrite: 3_750_000, Output: 15_000_000}
	withLong := sonnet
	withLong.CachedWriteLong = 6_000_000
	for name, tc := range map[string]struct {
		price provider.Price
		usage provider.Usage
		want  int64
	}{
		"nothing":             {sonnet, provider.Usage{}, 0},
		"free":                {provider.Price{}, provider.Usage{Input: 1_000_000, Output: 1_000_000}, 0},
		"a million of each":   {sonnet, provider.Usage{Input: 1e6, CachedRead: 1e6, CachedWrite: 1e6, Output: 1e6}, 22_050_000},
		"one token":           {sonnet, provider.Usage{Input: 1}, 3},
		"rounded up":          {sonnet, provider.Usage{CachedRead: 1}, 1},
		"exact is not raised": {sonnet, provider.Usage{CachedRead: 10}, 3},
		"rounded once":        {provider.Price{Input: 300_000, CachedRead: 300_000, Output: 300_000}, provider.Usage{Input: 1, CachedRead: 1, Output: 1}, 1},
		"parts carry over":    {provider.Price{Input: 600_000, Output: 600_000}, provider.Usage{Input: 1, Output: 1}, 2},
		"smallest part":       {provider.Price{Input: 1}, provider.Usage{Input: 1}, 1},
		"reasoning is output": {sonnet, provider.Usage{Output: 100, Reasoning: 90}, 1500},
		"written for an hour": {withLong, provider.Usage{CachedWrite: 1000, CachedWriteLong: 400}, 600*375/100 + 400*6},
		"an hour as minutes":  {sonnet, provider.Usage{CachedWrite: 1000, CachedWriteLong: 400}, 3750},
		"over a million":      {sonnet, provider.Usage{Input: 1_500_001}, 4_500_003},
	} {
		if got := tc.price.Cost(tc.usage); got != tc.want {
			t.Errorf("%s: Cost = %d micro-dollars, want %d", name, got, tc.want)
		}
	}
}

// The most expensive price that a catalogue accepts, on more than the largest usage
// that is believed, still fits.
func TestCostDoesNotOverflow(t *testing.T) {
	t.Parallel()
	const dearest = 1_000_000_000_000
	price := provider.Price{Input: dearest, CachedRead: dearest, CachedWrite: dearest, Output: dearest}
	usage := provider.Usage{Input: trillion, CachedRead: trillion, CachedWrite: trillion, Output: trillion}
	if got, want := price.Cost(usage), exactCost(price, usage); got != want {
		t.Errorf("Cost = %d, want %d", got, want)
	}
}

func TestCostAgainstBigArithmetic(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	number := func(limit int64) int64 { return random.Int64N(1 + random.Int64N(limit)) }
	for range 20_000 {
		p := provider.Price{Input: number(1e12), CachedRead: number(1e12), CachedWrite: number(1e12), CachedWriteLong: number(1e12), Output: number(1e12)}
		u := provider.Usage{Input: number(trillion), CachedRead: number(trillion), CachedWrite: number(trillion), Output: number(trillion)}
		u.CachedWriteLong = number(u.CachedWrite + 1)
		if got, want := p.Cost(u), exactCost(p, u); got != want {
			t.Fatalf("%+v of %+v: Cost = %d, want %d", p, u, got, want)
		}
	}
}

func exactCost(p provider.Price, u provider.Usage) int64 {
	sum := new(big.Int)
	for _, class := range [][2]int64{{u.Input, p.Input}, {u.CachedRead, p.CachedRead}, {u.CachedWrite - u.CachedWriteLong, p.CachedWrite}, {u.CachedWriteLong, cmp.Or(p.CachedWriteLong, p.CachedWrite)}, {u.Output, p.Output}} {
		sum.Add(sum, new(big.Int).Mul(big.NewInt(class[0]), big.NewInt(class[1])))
	}
	million := big.NewInt(1_000_000)
	sum.Add(sum, big.NewInt(999_999))
	return sum.Div(sum, million).Int64()
}
