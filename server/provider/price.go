package provider

import (
	"errors"
	"fmt"
	"time"
)

// Price is what a call costs, in micro-dollars per million tokens: 3_000_000 is
// $3 per million tokens.
type Price struct {
	Input       int64 `json:"input"`
	CachedRead  int64 `json:"cached_read"`
	CachedWrite int64 `json:"cached_write"`

	// CachedWriteLong is for what is written to the cache for an hour; zero: as
	// CachedWrite.
	CachedWriteLong int64 `json:"cached_write_long,omitempty"`

	Output int64 `json:"output"`

	// Above is the tier: the price holds for prompts of more than so many tokens,
	// cached ones included, and then for the whole call.
	Above int64 `json:"above,omitempty"`

	// From is the day, such as 2027-01-01, at whose beginning (UTC) the price
	// began to hold; empty: it always did.
	From string `json:"from,omitempty"`
}

// Cost is the usage's price in micro-dollars, rounded once, upward. It does not
// overflow for usage that is credible and any price up to a million dollars per
// million tokens.
func (p Price) Cost(u Usage) int64 {
	const million = 1_000_000
	var whole, rest int64
	add := func(tokens, price int64) {
		whole += tokens / million * price
		rest += tokens % million * price
		whole += rest / million
		rest %= million
	}
	add(u.Input, p.Input)
	add(u.CachedRead, p.CachedRead)
	add(u.CachedWrite-u.CachedWriteLong, p.CachedWrite)
	add(u.CachedWriteLong, p.long())
	add(u.Output, p.Output)
	if rest > 0 {
		whole++
	}
	return whole
}

// long is what a token costs that is written to the cache for an hour.
func (p Price) long() int64 {
	if p.CachedWriteLong == 0 {
		return p.CachedWrite
	}
	return p.CachedWriteLong
}

// Prices are all prices of a model: tiers by the prompt's length, and changes by
// the day. None: they are unknown.
type Prices []Price

// At is the price of a call that is made at t with a prompt of so many tokens,
// cached ones included; false: it is unknown. Of the prices that hold on that
// day, those of the last change do; of those, that of the highest tier that the
// prompt is above.
func (all Prices) At(t time.Time, prompt int64) (Price, bool) {
	day, at := t.UTC().Format(time.DateOnly), -1
	for i, p := range all {
		if p.From > day || p.Above > 0 && prompt <= p.Above {
			continue
		}
		if at < 0 || p.From > all[at].From || p.From == all[at].From && p.Above > all[at].Above {
			at = i
		}
	}
	if at < 0 {
		return Price{}, false
	}
	return all[at], true
}

// Tiers are the prices that hold at t, by the lengths of prompts, in the order in
// which they are listed.
func (all Prices) Tiers(t time.Time) (tiers Prices) {
	short, ok := all.At(t, 0)
	if !ok {
		return nil
	}
	for _, p := range all {
		if p.From == short.From {
			tiers = append(tiers, p)
		}
	}
	return tiers
}

// Later are the prices that do not hold at t yet, in the order in which they are
// listed.
func (all Prices) Later(t time.Time) (later Prices) {
	day := t.UTC().Format(time.DateOnly)
	for _, p := range all {
		if p.From > day {
			later = append(later, p)
		}
	}
	return later
}

// maxPrice is a million dollars per million tokens, the bound of Price.Cost.
const maxPrice = 1_000_000_000_000

// valid reports prices that Cost could not compute with, or At not choose from.
func (all Prices) valid() error {
	type place struct {
		from  string
		above int64
	}
	seen := map[place]bool{}
	for i, p := range all {
		if err := p.valid(); err != nil {
			return err
		}
		here := place{p.From, p.Above}
		switch {
		case i == 0 && here != place{}:
			return errors.New("prices: the first is that of short prompts from ever, with neither above nor from")
		case seen[here]:
			return fmt.Errorf("prices: two have above %d and from %q", p.Above, p.From)
		case p.Above > 0 && !seen[place{p.From, 0}]:
			return fmt.Errorf("prices: the price above %d is listed before that of short prompts from %q", p.Above, p.From)
		}
		seen[here] = true
	}
	return nil
}

func (p Price) valid() error {
	for _, f := range []struct {
		name  string
		price int64
	}{
		{"input", p.Input}, {"cached_read", p.CachedRead}, {"cached_write", p.CachedWrite},
		{"cached_write_long", p.CachedWriteLong}, {"output", p.Output},
	} {
		if f.price < 0 || f.price > maxPrice {
			return fmt.Errorf("price.%s %d is not between 0 and %d micro-dollars per million tokens", f.name, f.price, int64(maxPrice))
		}
	}
	if p.Above < 0 || p.Above > longest {
		return fmt.Errorf("price.above %d is out of range", p.Above)
	}
	if _, err := time.Parse(time.DateOnly, p.From); p.From != "" && err != nil {
		return fmt.Errorf("price.from %q is not a date like 2027-01-01", p.From)
	}
	return nil
}
