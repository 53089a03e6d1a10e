package usage

import (
	"cmp"
	"fmt"
	"math/bits"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
)

// Class is a class of tokens that has a price of its own.
type Class string

// The classes, in the order in which they are told.
const (
	Input           Class = "input"
	CachedRead      Class = "cached_read"
	CachedWrite     Class = "cached_write"
	CachedWriteLong Class = "cached_write_long" // for an hour
	Output          Class = "output"
)

// words are the classes for people.
var words = map[Class]string{Input: "input", CachedRead: "cached", CachedWrite: "written to the cache",
	CachedWriteLong: "written to the cache for an hour", Output: "output"}

// Line is what one class of a row's tokens cost: Tokens × Price / 1 000 000, which
// is exactly MicroUSD and Millionths of a micro-dollar.
type Line struct {
	Class      Class
	Tokens     int64
	Price      int64 // micro-dollars per million tokens
	MicroUSD   int64
	Millionths int64
}

// Explanation is how a row came to its cost.
type Explanation struct {
	Lines []Line // of the classes that have tokens

	// RoundedUp is what was added to the lines' sum to come to whole micro-dollars,
	// in millionths of one.
	RoundedUp int64

	Text string // all of it on one line
}

const million = 1_000_000

// Explain says how the row came to its cost.
func Explain(e *Entry) Explanation {
	x := Explanation{Lines: lines(e.Tokens, e.Price)}
	if e.PriceKnown {
		var rest int64
		for _, l := range x.Lines {
			rest = (rest + l.Millionths) % million
		}
		x.RoundedUp = (million - rest) % million
	}
	x.Text = x.text(e)
	return x
}

// most is more tokens than a row has, and more than a price. The product of two such is no more than 2^62 millions.
const most = 1 << 40

func lines(u provider.Usage, p provider.Price) (all []Line) {
	add := func(c Class, tokens, price int64) {
		if tokens <= 0 {
			return
		}
		hi, lo := bits.Mul64(uint64(min(tokens, most)), uint64(min(max(0, price), most)))
		q, rest := bits.Div64(hi, lo, million)
		all = append(all, Line{c, tokens, price, int64(q), int64(rest)})
	}
	add(Input, u.Input, p.Input)
	add(CachedRead, u.CachedRead, p.CachedRead)
	add(CachedWrite, u.CachedWrite-u.CachedWriteLong, p.CachedWrite)
	add(CachedWriteLong, u.CachedWriteLong, cmp.Or(p.CachedWriteLong, p.CachedWrite))
	add(Output, u.Output, p.Output)
	return all
}

// text is the arithmetic on one line, such as
// "1,200 input × $3/M + 80 output × $15/M = $0.0048; tokens as the provider reported them".
func (x Explanation) text(e *Entry) string {
	terms := make([]string, len(x.Lines))
	for i, l := range x.Lines {
		terms[i] = fmt.Sprintf("%s %s", Grouped(l.Tokens), words[l.Class])
		if e.PriceKnown {
			terms[i] += " × " + perMillion(l.Price)
		}
	}
	text := strings.Join(terms, " + ")
	if len(terms) == 0 {
		text = "no tokens"
	}
	if e.PriceKnown {
		text += " = " + Exact(e.CostMicroUSD)
	} else {
		text += "; the model's price is not known, so no cost"
	}
	if x.RoundedUp > 0 {
		text += ", rounded up once"
	}
	for _, note := range notes(e) {
		text += "; " + note
	}
	return text
}

// notes are what else there is to say of a row's cost.
func notes(e *Entry) (all []string) {
	if e.Price.Above > 0 {
		all = append(all, "the price of prompts above "+Grouped(e.Price.Above)+" tokens")
	}
	if e.Price.From != "" {
		all = append(all, "the price since "+e.Price.From)
	}
	switch {
	case e.Lost():
		all = append(all, "tokens estimated after a crash, from the prompt and from what was stored of the answer")
	case e.Source == Disbelieved:
		all = append(all, "tokens estimated, as those that the provider reported cannot be true")
	case e.Source == Estimated && e.Outcome != Completed:
		all = append(all, "tokens estimated, as the call ended before the provider's last word on them")
	case e.Source == Estimated:
		all = append(all, "tokens estimated, as the provider reported none")
	default:
		all = append(all, "tokens as the provider reported them")
	}
	if e.Tokens.Reasoning > 0 {
		all = append(all, Grouped(e.Tokens.Reasoning)+" of the output were reasoning")
	}
	if e.Attempt > 1 {
		all = append(all, fmt.Sprintf("attempt %d", e.Attempt))
	}
	switch {
	case e.Charged:
	case e.Reservation != "":
		all = append(all, "not charged to any limit, as what was reserved for it had been settled before")
	default:
		all = append(all, "not charged to any limit")
	}
	return all
}
