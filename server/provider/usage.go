package provider

// Usage is what an answer consumed, in tokens, with one meaning for all
// vendors:
//
//   - Input, CachedRead and CachedWrite are disjoint; their sum is the prompt.
//   - Output is everything billed as output, Reasoning included.
//   - Reasoning is the part of Output that was thinking (0 where unreported).
//
// OpenAI reports cached input as a subset of the prompt (subtract it);
// Anthropic reports it beside the input (take it as it is); Gemini counts
// thoughts beside the candidates (add them to Output). The adapters convert;
// nothing above them knows.
type Usage struct {
	Input       int64
	CachedRead  int64
	CachedWrite int64
	Output      int64
	Reasoning   int64
}

// maxTokens bounds a count that a vendor may claim for one call: what exceeds
// it is nonsense, and would overflow money.
const maxTokens = 1 << 40

// Clamp returns the usage with every count within 0 and a trillion, and
// Reasoning within Output. Changed reports whether it had to touch it, which is
// worth an alarm.
func (u Usage) Clamp() (clamped Usage, changed bool) {
	c := func(n int64) int64 { return min(max(n, 0), maxTokens) }
	clamped = Usage{c(u.Input), c(u.CachedRead), c(u.CachedWrite), c(u.Output), c(u.Reasoning)}
	clamped.Reasoning = min(clamped.Reasoning, clamped.Output)
	return clamped, clamped != u
}

// Prompt is the size of the prompt, cached or not.
func (u Usage) Prompt() int64 { return u.Input + u.CachedRead + u.CachedWrite }

// Total is prompt and output.
func (u Usage) Total() int64 { return u.Prompt() + u.Output }

// Price is what a model costs, in micro-dollars per million tokens: 3_000_000
// is $3 per million tokens.
type Price struct {
	Input       int64 `json:"input"`
	CachedRead  int64 `json:"cached_read"`
	CachedWrite int64 `json:"cached_write"`
	Output      int64 `json:"output"`
}

// Cost is the usage's price in micro-dollars, rounded once, upward. It does not
// overflow for a clamped usage and any price up to a million dollars per
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
	add(u.CachedWrite, p.CachedWrite)
	add(u.Output, p.Output)
	if rest > 0 {
		whole++
	}
	return whole
}
