package provider

import "cmp"

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

// MostTokens is more than the prompt or the answer of any one call has: what
// exceeds it is nonsense, and would overflow money.
const MostTokens = 1 << 24

// farBeyond is how many times a model's window, or the longest answer that it is
// known to give, a vendor may report before it is not believed: windows grow, and
// what is known of them may be old.
const farBeyond = 8

// usualOutput is an answer that any model may give: what is listed of its longest
// may be too low, or not be what the vendor was told.
const usualOutput = 1 << 14

// Credible returns what can be believed of usage that was reported for a call of
// the model. A prompt or an output that no call of it can have (negative, more than
// MostTokens, or far beyond the model's limits where they are known) becomes 0 as a
// whole, as if it had not been reported. Of a prompt that can be, what is said of
// its parts is set right: none is negative, and together they are the prompt.
// Likewise CachedWriteLong is within CachedWrite, and Reasoning within Output. Odd
// reports whether anything had to be touched, which is worth an alarm.
//
// Adapters of vendors whose prompt holds what was cached take that out of it
// whatever it is: the sum is the prompt all the same, and comes out right here.
func (u Usage) Credible(m *Model) (believed Usage, odd bool) {
	if prompt := u.Prompt(); possible(prompt, m.Context) {
		believed.CachedRead = share(u.CachedRead, prompt)
		believed.CachedWrite = share(u.CachedWrite, prompt-believed.CachedRead)
		believed.CachedWriteLong = share(u.CachedWriteLong, believed.CachedWrite)
		believed.Input = prompt - believed.CachedRead - believed.CachedWrite
	}
	longest := cmp.Or(m.Output, m.Context)
	if longest > 0 {
		longest = max(longest, usualOutput)
	}
	if possible(u.Output, longest) {
		believed.Output, believed.Reasoning = u.Output, share(u.Reasoning, u.Output)
	}
	return believed, believed != u
}

// possible reports whether a call can have so many tokens where limit is the most
// that is known; zero: nothing is.
func possible(tokens, limit int64) bool {
	return tokens >= 0 && tokens <= MostTokens && (limit <= 0 || tokens/farBeyond <= limit)
}

// share is a part of a whole as it can be.
func share(part, whole int64) int64 { return min(max(part, 0), whole) }

// Prompt is the size of the prompt, cached or not.
func (u Usage) Prompt() int64 { return u.Input + u.CachedRead + u.CachedWrite }

// Total is prompt and output.
func (u Usage) Total() int64 { return u.Prompt() + u.Output }
