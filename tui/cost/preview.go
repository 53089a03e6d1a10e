package cost

import (
	"math/bits"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// From when on a prompt is worth a word: it costs a cent, or, where its model is
// free or of unknown price, is so many tokens. Below that it costs less than
// reading about it.
const (
	leastMicroUSD = 10_000
	leastTokens   = 10_000
)

// Prompt is what is about to be sent, in tokens.
type Prompt struct {
	Typed   int64 // what is typed
	Context int64 // what the conversation has come to, which is sent with it
}

// Preview is what a prompt will roughly take of a model.
type Preview struct {
	Tokens int64

	// MicroUSD is what the tokens cost as input, as if none were cached, so that
	// nobody pays more than they read here; the answer comes on top. 0: the model
	// is free, or Priced is false.
	MicroUSD int64
	Priced   bool

	// Trimmed says that the conversation does not fit the model's window any
	// more: its oldest messages will be left out. TooLong: what is typed alone
	// does not.
	Trimmed, TooLong bool
}

// Ahead looks at a prompt to a model, asked now; nil is a model of which nothing
// is known. worth is false where there is nothing worth saying.
func Ahead(p Prompt, m *wire.Model, now time.Time) (ahead Preview, worth bool) {
	ahead.Tokens = p.Typed + p.Context
	if m != nil {
		ahead.price(m, now)
		ahead.TooLong = m.Context > 0 && p.Typed > m.Context
		ahead.Trimmed = m.Context > 0 && ahead.Tokens > m.Context && !ahead.TooLong
		if ahead.Trimmed { // what does not fit is not paid for
			ahead.Tokens = m.Context
			ahead.price(m, now)
		}
	}
	worth = ahead.MicroUSD >= leastMicroUSD || ahead.Trimmed || ahead.TooLong ||
		ahead.MicroUSD == 0 && ahead.Tokens >= leastTokens
	return ahead, worth && p.Typed > 0
}

func (p *Preview) price(m *wire.Model, now time.Time) {
	var input int64
	if input, p.Priced = inputPrice(m, p.Tokens, now.UTC().Format(time.DateOnly)); p.Priced {
		p.MicroUSD = perMillion(p.Tokens, input)
	}
}

// inputPrice is what input costs in a prompt of so many tokens on a day, in
// micro-dollars per million: of the prices that hold by then those of the last
// change do, and of those that of the highest tier that the prompt exceeds. Days
// are written so that they sort.
func inputPrice(m *wire.Model, tokens int64, day string) (price int64, known bool) {
	var best *wire.PriceStep
	for i := range m.Prices {
		s := &m.Prices[i]
		switch {
		case s.From > day || s.Above >= max(tokens, 1):
		case best == nil, s.From > best.From, s.From == best.From && s.Above > best.Above:
			best = s
		}
	}
	switch {
	case best != nil:
		return best.Input, true
	case m.Price != nil:
		return m.Price.Input, true
	}
	return 0, false
}

// perMillion is tokens*price/1 000 000, rounded up; what no integer holds is as
// much as one does.
func perMillion(tokens, price int64) int64 {
	const million = 1_000_000
	if tokens <= 0 || price <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(tokens), uint64(price))
	lo, carry := bits.Add64(lo, million-1, 0)
	if hi += carry; hi >= million {
		return 1<<63 - 1
	}
	q, _ := bits.Div64(hi, lo, million)
	return int64(min(q, 1<<63-1))
}

// Rounded is a guess with no more digits than it deserves: two.
func Rounded(n int64) int64 {
	step := int64(1)
	for n/step >= 100 {
		step *= 10
	}
	return (n + step/2) / step * step
}
