package cost

// Weight is how much text there is, in the two kinds by which tokens are guessed.
// Weights of pieces add up to the weight of the whole, wherever it was cut, so
// that whoever edits a long text weighs only what changes. The zero value is the
// weight of nothing.
type Weight struct {
	ascii int64 // bytes
	other int64 // runes
}

// Of weighs a text.
func Of(text string) Weight {
	var w Weight
	for i := range len(text) {
		switch c := text[i]; {
		case c < 0x80:
			w.ascii++
		case c >= 0xc0: // it begins a rune; what continues one is not counted
			w.other++
		}
	}
	return w
}

// Plus is the weight of both together.
func (w Weight) Plus(v Weight) Weight { return Weight{w.ascii + v.ascii, w.other + v.other} }

// Minus is what is left when v is taken away, which was part of it.
func (w Weight) Minus(v Weight) Weight { return Weight{w.ascii - v.ascii, w.other - v.other} }

// Tokens guesses as the server does where it cannot count: four bytes of ASCII to
// a token, every other rune one of its own. That is about right for English, code
// and Chinese, and too much for most else.
func (w Weight) Tokens() int64 { return (w.ascii+3)/4 + w.other }
