package provider_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// Each price is told by its Input.
var changing = provider.Prices{
	{Input: 1},
	{Input: 2, Above: 200_000},
	{Input: 3, Above: 100_000},
	{Input: 4, From: "2027-01-01"},
	{Input: 5, From: "2026-12-01"},
	{Input: 6, From: "2026-12-01", Above: 300_000},
}

func TestPricesAt(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		at     string
		prompt int64
		want   int64
	}{
		{"2026-11-23T12:00:00Z", 0, 1},
		{"2026-11-23T12:00:00Z", 100_000, 1}, // of that many, not of more
		{"2026-11-23T12:00:00Z", 100_001, 3},
		{"2026-11-23T12:00:00Z", 200_000, 3},
		{"2026-11-23T12:00:00Z", 200_001, 2},
		{"2026-11-30T23:59:59.999999Z", 1, 1},
		{"2026-12-01T00:00:00Z", 1, 5},
		{"2026-12-01T00:30:00+01:00", 1, 1}, // which is the day before in UTC
		{"2026-11-30T23:30:00-01:00", 1, 5},
		{"2026-12-31T23:59:59Z", 200_001, 5}, // the tiers of before are over
		{"2026-12-31T23:59:59Z", 300_001, 6},
		{"2027-01-01T00:00:00Z", 300_001, 4},
		{"2030-06-01T00:00:00Z", 1 << 40, 4},
	} {
		got, ok := changing.At(day(t, tc.at), tc.prompt)
		if !ok || got.Input != tc.want {
			t.Errorf("%d tokens at %s cost %+v, want that of %d", tc.prompt, tc.at, got, tc.want)
		}
	}
	if _, ok := (provider.Prices)(nil).At(day(t, "2026-11-23T12:00:00Z"), 0); ok {
		t.Error("a price came from nowhere")
	}
}

// In whatever order they are listed the same price is found.
func TestPricesInAnyOrder(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		shuffled := append(provider.Prices{}, changing...)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		at := day(t, "2026-11-01T00:00:00Z").Add(time.Duration(random.Int64N(100*24)) * time.Hour)
		prompt := random.Int64N(400_000)
		want, _ := changing.At(at, prompt)
		if got, _ := shuffled.At(at, prompt); got != want {
			t.Fatalf("%+v at %v for %d tokens of %+v, want %+v", got, at, prompt, shuffled, want)
		}
	}
}

func TestTiersAndLater(t *testing.T) {
	t.Parallel()
	inputs := func(all provider.Prices) (in []int64) {
		for _, p := range all {
			in = append(in, p.Input)
		}
		return in
	}
	for at, want := range map[string][2][]int64{
		"2026-11-23T00:00:00Z": {{1, 2, 3}, {4, 5, 6}},
		"2026-12-23T00:00:00Z": {{5, 6}, {4}},
		"2027-12-23T00:00:00Z": {{4}, nil},
	} {
		tiers, later := inputs(changing.Tiers(day(t, at))), inputs(changing.Later(day(t, at)))
		if !equal(tiers, want[0]) || !equal(later, want[1]) {
			t.Errorf("%s: tiers %v, later %v, want %v", at, tiers, later, want)
		}
	}
}

func equal(a, b []int64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// The vendors' tiers and changes, as the embedded catalogue has them.
func TestTheVendorsTiers(t *testing.T) {
	t.Parallel()
	c := load(t, "")
	for _, tc := range []struct {
		vendor, model, at string
		prompt            int64
		input, output     int64
	}{
		{"anthropic", "claude-haiku-5-5", "2026-11-23T00:00:00Z", 100_000, 100_000, 500_000},
		{"anthropic", "claude-haiku-5-5", "2026-11-23T00:00:00Z", 100_001, 500_000, 2_500_000},
		{"openai", "gpt-6.2-sol", "2026-11-23T00:00:00Z", 272_000, 2_000_000, 10_000_000},
		{"openai", "gpt-6.2-sol", "2026-11-23T00:00:00Z", 272_001, 4_000_000, 15_000_000},
		{"gemini", "gemini-3.1-pro-preview", "2026-11-23T00:00:00Z", 200_000, 2_000_000, 12_000_000},
		{"gemini", "gemini-3.1-pro-preview", "2026-11-23T00:00:00Z", 200_001, 4_000_000, 18_000_000},
		{"gemini", "gemini-3.8-flash", "2026-12-31T23:59:59Z", 1, 750_000, 3_750_000},
		{"gemini", "gemini-3.8-flash", "2027-01-01T00:00:00Z", 1, 1_500_000, 7_500_000},
	} {
		m, ok := c.Lookup(tc.vendor, tc.model)
		if !ok {
			t.Errorf("%s is not there", tc.model)
			continue
		}
		if p := m.PriceAt(day(t, tc.at), tc.prompt); p == nil || p.Input != tc.input || p.Output != tc.output {
			t.Errorf("%s at %s with %d tokens: %+v, want %d and %d", tc.model, tc.at, tc.prompt, p, tc.input, tc.output)
		}
	}
}

// The price that is shown is that of the day on which the model is found.
func TestThePriceOfTheDay(t *testing.T) {
	t.Parallel()
	now := day(t, "2026-12-31T23:59:59Z")
	c := load(t, "").On(func() time.Time { return now })
	price := func() int64 {
		m, _ := c.Lookup("gemini", "gemini-3.8-flash")
		return m.Price.Input
	}
	before := price()
	now = now.Add(time.Second)
	if after := price(); after != 2*before {
		t.Errorf("%d before the new year and %d in it", before, after)
	}
	if all := c.Models("gemini"); all[0].Price.Input != 2*before {
		t.Errorf("the list says %d", all[0].Price.Input)
	}
}
