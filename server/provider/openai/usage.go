package openai

import (
	"cmp"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// chatUsage is the usage of Chat Completions. Cached and cache-writing tokens
// are parts of the prompt's, so they are taken out of it. What does not add up
// becomes negative on purpose: provider.Usage.Credible sees it, sets it right and
// raises its alarm.
//
// Reasoning tokens are part of the completion's at OpenAI. Some compatible
// addresses (xAI, Gemini's) count them beside it, which the total gives away:
// where it exceeds prompt and completion, the difference is output too. It gives
// nothing away where one of the three is not to be believed, or there is no prompt:
// then that is what is missing.
type chatUsage struct {
	Prompt     upstream.Count `json:"prompt_tokens"`
	Completion upstream.Count `json:"completion_tokens"`
	Total      upstream.Count `json:"total_tokens"`

	PromptDetails     promptDetails     `json:"prompt_tokens_details"`
	CompletionDetails completionDetails `json:"completion_tokens_details"`

	CacheHit upstream.Count `json:"prompt_cache_hit_tokens"` // DeepSeek's name for cached
}

type promptDetails struct {
	Cached     upstream.Count `json:"cached_tokens"`
	CacheWrite upstream.Count `json:"cache_write_tokens"`
}

type completionDetails struct {
	Reasoning upstream.Count `json:"reasoning_tokens"`
}

// UnmarshalJSON implements json.Unmarshaler: what is no usage is none.
func (u *chatUsage) UnmarshalJSON(b []byte) error {
	type plain chatUsage
	return upstream.Lenient(b, (*plain)(u))
}

// scan is for the servers that report the usage with each chunk.
func (u *chatUsage) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "prompt_tokens":
			u.Prompt.Scan(s)
		case "completion_tokens":
			u.Completion.Scan(s)
		case "total_tokens":
			u.Total.Scan(s)
		case "prompt_tokens_details":
			u.PromptDetails.scan(s)
		case "completion_tokens_details":
			u.CompletionDetails.scan(s)
		case "prompt_cache_hit_tokens":
			u.CacheHit.Scan(s)
		default:
			s.Skip()
		}
	}
}

func (d *promptDetails) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "cached_tokens":
			d.Cached.Scan(s)
		case "cache_write_tokens":
			d.CacheWrite.Scan(s)
		default:
			s.Skip()
		}
	}
}

func (d *completionDetails) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "reasoning_tokens":
			d.Reasoning.Scan(s)
		default:
			s.Skip()
		}
	}
}

func (u *chatUsage) usage() provider.Usage {
	cached := cmp.Or(u.PromptDetails.Cached, u.CacheHit)
	var beside upstream.Count
	if u.Prompt > 0 && u.Completion >= 0 && u.Total <= provider.MostTokens {
		beside = max(0, u.Total-u.Prompt-u.Completion)
	}
	return provider.Usage{
		Input:       int64(u.Prompt - cached - u.PromptDetails.CacheWrite),
		CachedRead:  int64(cached),
		CachedWrite: int64(u.PromptDetails.CacheWrite),
		Output:      int64(u.Completion + beside),
		Reasoning:   int64(cmp.Or(u.CompletionDetails.Reasoning, beside)),
	}
}

// responsesUsage is the usage of Responses, of the same meaning.
type responsesUsage struct {
	Input  upstream.Count `json:"input_tokens"`
	Output upstream.Count `json:"output_tokens"`

	InputDetails  promptDetails     `json:"input_tokens_details"`
	OutputDetails completionDetails `json:"output_tokens_details"`
}

// UnmarshalJSON implements json.Unmarshaler: what is no usage is none.
func (u *responsesUsage) UnmarshalJSON(b []byte) error {
	type plain responsesUsage
	return upstream.Lenient(b, (*plain)(u))
}

func (u *responsesUsage) usage() provider.Usage {
	return provider.Usage{
		Input:       int64(u.Input - u.InputDetails.Cached - u.InputDetails.CacheWrite),
		CachedRead:  int64(u.InputDetails.Cached),
		CachedWrite: int64(u.InputDetails.CacheWrite),
		Output:      int64(u.Output),
		Reasoning:   int64(u.OutputDetails.Reasoning),
	}
}
