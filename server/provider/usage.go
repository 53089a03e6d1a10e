package provider

// Usage is what an answer consumed, in tokens, with one meaning for all
// vendors:
//
//   - Input, CachedRead and CachedWrite are disjoint; their sum is the prompt.
//   - Output is everything billed as output, Reasoning included.
//   - CachedWriteLong is the part of CachedWrite that was written for an hour
//     and not for minutes, which Anthropic bills dearer.
//   - Reasoning is the part of Output that was thinking (0 where unreported).
//
// What the vendors report means this, and the adapters convert it; nothing above
// them knows:
//
//	Anthropic    input_tokens, cache_read_input_tokens and
//	             cache_creation_input_tokens stand beside one another, as here.
//	             cache_creation tells the written ones apart by how long they are
//	             kept. output_tokens holds the thinking, which
//	             output_tokens_details.thinking_tokens tells, and images are input.
//	OpenAI       prompt_tokens (Chat Completions) and input_tokens (Responses)
//	             hold cached_tokens and cache_write_tokens, which are taken out of
//	             it; completion_tokens and output_tokens hold reasoning_tokens, and
//	             what was predicted and rejected. Images are in the prompt. DeepSeek
//	             names what was cached prompt_cache_hit_tokens. xAI, and others
//	             whose total is more than prompt and completion, count reasoning
//	             beside the completion: the difference is output.
//	Gemini       promptTokenCount holds cachedContentTokenCount, which is taken out
//	             of it, and images; toolUsePromptTokenCount stands beside it and is
//	             input; candidatesTokenCount and thoughtsTokenCount stand beside one
//	             another, and both are output. Of its cache nothing is written by us.
//	Ollama       as OpenAI's Chat Completions.
//
// Audio is neither sent nor asked for, so no price is kept for it: tokens of it
// that a vendor reports within the prompt are billed here as the text that they
// are counted with.
type Usage struct {
	Input           int64
	CachedRead      int64
	CachedWrite     int64
	CachedWriteLong int64
	Output          int64
	Reasoning       int64
}

// maxTokens bounds a count that a vendor may claim for one call: what exceeds
// it is nonsense, and would overflow money.
const maxTokens = 1 << 40

// Clamp returns the usage with every count within 0 and a trillion,
// CachedWriteLong within CachedWrite and Reasoning within Output. Changed reports
// whether it had to touch it, which is worth an alarm.
func (u Usage) Clamp() (clamped Usage, changed bool) {
	c := func(n int64) int64 { return min(max(n, 0), maxTokens) }
	clamped = Usage{c(u.Input), c(u.CachedRead), c(u.CachedWrite), c(u.CachedWriteLong), c(u.Output), c(u.Reasoning)}
	clamped.CachedWriteLong = min(clamped.CachedWriteLong, clamped.CachedWrite)
	clamped.Reasoning = min(clamped.Reasoning, clamped.Output)
	return clamped, clamped != u
}

// Prompt is the size of the prompt, cached or not.
func (u Usage) Prompt() int64 { return u.Input + u.CachedRead + u.CachedWrite }

// Total is prompt and output.
func (u Usage) Total() int64 { return u.Prompt() + u.Output }
