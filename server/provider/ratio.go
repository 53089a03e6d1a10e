package provider

import "sync"

// Ratio is how many tokens a model makes of a thousand that EstimatePrompt
// guesses. Zero is that nothing is known, and guesses stand.
type Ratio int64

// Of is the better guess.
func (r Ratio) Of(guessed int64) int64 {
	if r == 0 {
		return guessed
	}
	return (guessed*int64(r) + 999) / 1000
}

// Bounds of a Ratio, of what is learnt from, and of what is remembered. A guess is
// raised and never lowered: what others write in is no reason to think that this
// prompt is as easy, and too low a guess holds too little money and sends what
// does not fit. Nor do those who send what is hardest to a tokenizer move the
// guess for others further than twice.
const (
	leastRatio Ratio = 1000
	mostRatio  Ratio = 2000

	leastLearnt = 500 // tokens: of shorter prompts too much is the vendor's own wrapping
	mostModels  = 1024
)

// Ratios learn from what providers report how good guesses are: for each model,
// and for its provider as long as the model is new. Each report counts for an
// eighth, so the last two dozen decide. They are in memory, of one process, and
// bounded: nothing is lost with them, since every call is settled to what its
// provider reports. They are safe for concurrent use; nil learns nothing.
type Ratios struct {
	mu    sync.Mutex
	known map[string]Ratio
}

// NewRatios makes Ratios that know nothing yet.
func NewRatios() *Ratios { return &Ratios{known: map[string]Ratio{}} }

// Of is the model's.
func (r *Ratios) Of(m *Model) Ratio {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if own, ok := r.known[familyOf(m)]; ok {
		return own
	}
	return r.known[m.Provider]
}

// Learn takes in that a prompt, all text, of so many guessed tokens had so many
// by its provider's count. Short ones are not learnt from.
func (r *Ratios) Learn(m *Model, guessed, reported int64) {
	if r == nil || guessed < leastLearnt || guessed > MostTokens || reported <= 0 || reported > MostTokens {
		return
	}
	seen := min(max(Ratio(reported*1000/guessed), leastRatio), mostRatio)
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range []string{familyOf(m), m.Provider} {
		known, ok := r.known[of]
		switch {
		case ok:
			r.known[of] = known + (seen-known)/8
		case len(r.known) < mostModels:
			r.known[of] = seen
		}
	}
}

// familyOf is the model's id without the date of a snapshot: they count alike.
func familyOf(m *Model) string { return m.Provider + "/" + withoutDate(m.Name) }

// OnlyText reports whether a request holds nothing but text, so that its guess
// may be measured.
func OnlyText(req *Request) bool {
	for i := range req.Messages {
		for j := range req.Messages[i].Parts {
			if req.Messages[i].Parts[j].Type == Image {
				return false
			}
		}
	}
	return true
}
