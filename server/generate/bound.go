package generate

import (
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// How much of an answer is taken for each token that it may have, and for none. A
// token is four bytes of English, and up to a dozen of code with deep indents; what
// models seal of their reasoning is no text, and longer. An endpoint that goes beyond
// this takes no notice of what it was asked for.
const (
	bytesAToken = 16
	bytesBeside = 16 << 10
)

// unheard is more tokens than models write that were not asked for fewer. What is
// listed of a model may be too low, and not all vendors are told it.
const unheard = 1 << 17

// longest is how many tokens are taken of an answer where asked is what the request
// asks for at most, if anything.
func longest(asked int64, m *provider.Model) int64 {
	if asked > 0 {
		return asked
	}
	return max(m.Output, unheard)
}

// bound is how many bytes are taken of an answer of so many tokens.
func (o *Options) bound(tokens int64) int {
	most := min(tokens, int64(o.MaxAnswer/bytesAToken)) // so that nothing overflows
	return min(o.MaxAnswer, int(most)*bytesAToken+bytesBeside)
}

// overlong is the fault of an answer that went beyond its bound.
//
//go:noinline
func overlong(asked int64) error {
	if asked <= 0 {
		return fault.New(fault.ProviderMalformed, "The answer grew beyond all measure and was cut.")
	}
	return fault.New(fault.ProviderMalformed, "The model's provider was asked for %d tokens at most and did not stop: the answer was cut.", asked)
}
