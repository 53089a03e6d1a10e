package server_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// TestOddUsage: whatever a provider says of usage, in any dialect, costs nobody the
// answer, nor more than what can be true. The prompt ("Is it?") is estimated at 6
// tokens and the answer ("Yes.") at one.
func TestOddUsage(t *testing.T) {
	t.Parallel()
	price := provider.Price{Input: 1_000_000, CachedRead: 1_000_000, CachedWrite: 1_000_000, Output: 1_000_000}
	guess := provider.Usage{Input: 6, Output: 1}
	for _, tc := range []struct {
		dialect, usage string
		want           provider.Usage
		source         usage.Source
	}{
		// What is no number is not reported.
		{"openai-chat", `{"prompt_tokens":"abc","completion_tokens":"-5"}`, guess, usage.Estimated},
		{"openai-chat", `{"prompt_tokens":"100","completion_tokens":"50","total_tokens":"150"}`, guess, usage.Estimated},
		{"openai-chat", `{"prompt_tokens":[],"completion_tokens":{},"prompt_tokens_details":7,"completion_tokens_details":"x"}`, guess, usage.Estimated},
		{"openai-chat", `{"prompt_tokens":null,"completion_tokens":true}`, guess, usage.Estimated},
		{"openai-chat", `{}`, guess, usage.Estimated},
		{"openai-chat", `[]`, guess, usage.Estimated},
		{"openai-chat", `"many"`, guess, usage.Estimated},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":"50"}`, provider.Usage{Input: 100, Output: 1}, usage.Estimated},
		{"openai-chat", `{"prompt_tokens":"100","completion_tokens":50,"total_tokens":150}`, provider.Usage{Input: 6, Output: 50}, usage.Estimated},
		{"openai-responses", `{"input_tokens":"abc","output_tokens":[],"input_tokens_details":[]}`, guess, usage.Estimated},
		{"openai-responses", `"many"`, guess, usage.Estimated},
		{"anthropic", `{"input_tokens":"abc","output_tokens":{},"cache_creation":1,"output_tokens_details":"x"}`, guess, usage.Estimated},
		{"anthropic", `[7]`, guess, usage.Estimated},
		{"gemini", `{"promptTokenCount":"abc","candidatesTokenCount":[]}`, guess, usage.Estimated},
		{"gemini", `false`, guess, usage.Estimated},

		// What no call can have is not believed.
		{"openai-chat", `{"prompt_tokens":1e18,"completion_tokens":1e30}`, guess, usage.Disbelieved},
		{"openai-chat", `{"prompt_tokens":16777217,"completion_tokens":50}`, provider.Usage{Input: 6, Output: 50}, usage.Disbelieved},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":-5,"total_tokens":95}`, provider.Usage{Input: 100, Output: 1}, usage.Disbelieved},
		{"openai-chat", `{"prompt_tokens":-99999,"completion_tokens":50,"total_tokens":150}`, provider.Usage{Input: 6, Output: 50}, usage.Disbelieved},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"total_tokens":1e18}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"openai-responses", `{"input_tokens":1e18,"output_tokens":-1}`, guess, usage.Disbelieved},
		{"anthropic", `{"input_tokens":1e18,"output_tokens":99999999999999999999}`, guess, usage.Disbelieved},
		{"anthropic", `{"input_tokens":100,"cache_read_input_tokens":-99,"output_tokens":50}`, provider.Usage{Input: 6, Output: 50}, usage.Disbelieved},
		{"anthropic", `{"input_tokens":-1,"cache_creation_input_tokens":1e18,"output_tokens":50}`, provider.Usage{Input: 6, Output: 50}, usage.Disbelieved},
		{"gemini", `{"promptTokenCount":1e18,"candidatesTokenCount":1e18}`, guess, usage.Disbelieved},
		{"gemini", `{"promptTokenCount":100,"toolUsePromptTokenCount":-50,"candidatesTokenCount":50}`, provider.Usage{Input: 6, Output: 50}, usage.Disbelieved},
		{"gemini", `{"promptTokenCount":100,"candidatesTokenCount":50,"thoughtsTokenCount":-49}`, provider.Usage{Input: 100, Output: 1}, usage.Disbelieved},

		// A part is no more than the whole, and no less than nothing.
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":-99999}}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":99999}}`, provider.Usage{CachedRead: 100, Output: 50}, usage.Reported},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"prompt_cache_hit_tokens":1e30}`, provider.Usage{CachedRead: 100, Output: 50}, usage.Reported},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"prompt_tokens_details":{"cached_tokens":60,"cache_write_tokens":60}}`, provider.Usage{CachedRead: 60, CachedWrite: 40, Output: 50}, usage.Reported},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":51}}`, provider.Usage{Input: 100, Output: 50, Reasoning: 50}, usage.Reported},
		{"openai-chat", `{"prompt_tokens":100,"completion_tokens":50,"completion_tokens_details":{"reasoning_tokens":-7}}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"openai-responses", `{"input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":-99999}}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"openai-responses", `{"input_tokens":100,"output_tokens":50,"input_tokens_details":{"cached_tokens":99999},"output_tokens_details":{"reasoning_tokens":-7}}`, provider.Usage{CachedRead: 100, Output: 50}, usage.Reported},
		{"anthropic", `{"input_tokens":100,"cache_creation_input_tokens":20,"cache_creation":{"ephemeral_1h_input_tokens":99},"output_tokens":50,"output_tokens_details":{"thinking_tokens":99}}`, provider.Usage{Input: 100, CachedWrite: 20, CachedWriteLong: 20, Output: 50, Reasoning: 50}, usage.Reported},
		{"anthropic", `{"input_tokens":100,"output_tokens":50,"output_tokens_details":{"thinking_tokens":-99}}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"gemini", `{"promptTokenCount":100,"cachedContentTokenCount":-99999,"candidatesTokenCount":50}`, provider.Usage{Input: 100, Output: 50}, usage.Reported},
		{"gemini", `{"promptTokenCount":100,"cachedContentTokenCount":99999,"candidatesTokenCount":50}`, provider.Usage{CachedRead: 100, Output: 50}, usage.Reported},
	} {
		t.Run(tc.dialect+" "+tc.usage, func(t *testing.T) {
			t.Parallel()
			m := provider.Model{Provider: "lab", Name: "m", Price: &price}
			e := billed(t, dialects[tc.dialect], m, &golden{At: time.Now(), Usage: json.RawMessage(tc.usage)})
			if e.Tokens != tc.want || e.Source != tc.source || e.CostMicroUSD != tc.want.Total() {
				t.Errorf("%+v, %s, for %d; want %+v, %s", e.Tokens, e.Source, e.CostMicroUSD, tc.want, tc.source)
			}
		})
	}
}
