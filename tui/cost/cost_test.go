package cost_test

import (
	"math"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/cost"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"": 0, "a": 1, "abcd": 1, "abcde": 2, "日本": 2, "a日": 2, "👩‍👩‍👧": 5, "\xff\x80": 1,
	} {
		if got := cost.Of(text).Tokens(); got != want {
			t.Errorf("%q: %d, not %d", text, got, want)
		}
	}
}

// Pieces add up to the whole, also where they are cut within a rune.
func TestWeighedInPieces(t *testing.T) {
	t.Parallel()
	const text = "one 日本 zwei 👩‍👩‍👧 drei"
	whole := cost.Of(text)
	for i := range len(text) {
		if cost.Of(text[:i]).Plus(cost.Of(text[i:])) != whole || whole.Minus(cost.Of(text[:i])) != cost.Of(text[i:]) {
			t.Errorf("cut at %d", i)
		}
	}
}

func TestAhead(t *testing.T) {
	t.Parallel()
	priced := func(window, input int64) *wire.Model {
		return &wire.Model{Context: window, Price: &wire.Price{Input: input}}
	}
	for name, c := range map[string]struct {
		prompt cost.Prompt
		model  *wire.Model
		want   cost.Preview
		worth  bool
	}{
		"small":                  {cost.Prompt{Typed: 100}, priced(200_000, 3_000_000), cost.Preview{Tokens: 100, MicroUSD: 300, Priced: true}, false},
		"a cent":                 {cost.Prompt{Typed: 3334}, priced(200_000, 3_000_000), cost.Preview{Tokens: 3334, MicroUSD: 10_002, Priced: true}, true},
		"a cent by the context":  {cost.Prompt{Typed: 1, Context: 3333}, priced(200_000, 3_000_000), cost.Preview{Tokens: 3334, MicroUSD: 10_002, Priced: true}, true},
		"nothing typed":          {cost.Prompt{Context: 50_000}, priced(200_000, 3_000_000), cost.Preview{Tokens: 50_000, MicroUSD: 150_000, Priced: true}, false},
		"cheap, and many":        {cost.Prompt{Typed: 20_000}, priced(200_000, 100_000), cost.Preview{Tokens: 20_000, MicroUSD: 2000, Priced: true}, false},
		"free":                   {cost.Prompt{Typed: 10_000}, priced(200_000, 0), cost.Preview{Tokens: 10_000, Priced: true}, true},
		"price unknown":          {cost.Prompt{Typed: 10_000}, &wire.Model{}, cost.Preview{Tokens: 10_000}, true},
		"model unknown, little":  {cost.Prompt{Typed: 9_999}, nil, cost.Preview{Tokens: 9_999}, false},
		"model unknown":          {cost.Prompt{Typed: 10_000}, nil, cost.Preview{Tokens: 10_000}, true},
		"more than fits":         {cost.Prompt{Typed: 10, Context: 1000}, priced(1000, 1_000_000), cost.Preview{Tokens: 1000, MicroUSD: 1000, Priced: true, Trimmed: true}, true},
		"too long by itself":     {cost.Prompt{Typed: 1001}, priced(1000, 0), cost.Preview{Tokens: 1001, Priced: true, TooLong: true}, true},
		"rounded up":             {cost.Prompt{Typed: 10_001}, priced(0, 1_000_001), cost.Preview{Tokens: 10_001, MicroUSD: 10_002, Priced: true}, true},
		"more than integers say": {cost.Prompt{Typed: math.MaxInt64}, priced(0, math.MaxInt64), cost.Preview{Tokens: math.MaxInt64, MicroUSD: math.MaxInt64, Priced: true}, true},
	} {
		if got, worth := cost.Ahead(c.prompt, c.model, time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)); got != c.want || worth != c.worth {
			t.Errorf("%s: %+v, %t", name, got, worth)
		}
	}
}

// A prompt costs what its length and its day say.
func TestAheadInTiers(t *testing.T) {
	t.Parallel()
	m := &wire.Model{Price: &wire.Price{Input: 1_000_000}, Prices: []wire.PriceStep{
		{Input: 1_000_000}, {Input: 2_000_000, Above: 200_000},
		{Input: 3_000_000, From: "2027-01-01"}, {Input: 6_000_000, Above: 100_000, From: "2027-01-01"},
	}}
	for _, c := range []struct {
		tokens int64
		day    string
		want   int64 // per token
	}{
		{100_000, "2026-12-31", 1}, {200_000, "2026-12-31", 1}, {200_001, "2026-12-31", 2},
		{100_000, "2027-01-01", 3}, {100_001, "2027-01-01", 6}, {300_000, "2028-06-01", 6},
	} {
		day, err := time.Parse(time.DateOnly, c.day)
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := cost.Ahead(cost.Prompt{Typed: c.tokens}, m, day); got.MicroUSD != c.tokens*c.want || !got.Priced {
			t.Errorf("%d tokens on %s: %+v, want %d a token", c.tokens, c.day, got, c.want)
		}
	}
}

func TestRounded(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]int64{0: 0, 9: 9, 99: 99, 100: 100, 104: 100, 105: 110, 12_345: 12_000, 99_600: 100_000} {
		if got := cost.Rounded(n); got != want {
			t.Errorf("%d: %d, not %d", n, got, want)
		}
	}
}
