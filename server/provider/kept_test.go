package provider_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

func TestWhereAKeptKeyLeads(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		provider, api, base string
		want                string // base URL and dialect, or the field that is wrong
	}{
		{"anthropic", "", "", " anthropic"},
		{"anthropic", "", "https://api.anthropic.com/v1/messages", " anthropic"},
		{"anthropic", "openai-chat", "https://proxy.example.com/x/", "https://proxy.example.com/x openai-chat"},
		{"openai", "", "https://api.openai.com/v1/", " openai-responses"},
		{"openai", "", "https://llm.example.com/v1/chat/completions", "https://llm.example.com/v1 openai-chat"},
		{"gemini", "", "", " gemini"},
		{"mistral", "", "https://api.mistral.ai/v1", "https://api.mistral.ai/v1 openai-chat"},
		{"mistral", "", "", "base_url"},
		{"mistral", "", "ftp://api.mistral.ai", "base_url"},
		{"mistral", "", "https://user:pass@api.mistral.ai/v1", "base_url"},
		{"mistral", "", "https://api.mistral.ai/v1?key=x", "base_url"},
		{"mistral", "esperanto", "https://api.mistral.ai/v1", "api"},
		{"demo", "", "", "provider"},
		{"", "", "", "provider"},
		{"a/b", "", "https://a.example.com", "provider"},
	} {
		k := vault.Key{Provider: tc.provider, API: tc.api, BaseURL: tc.base}
		var got string
		if err := provider.CheckKept(&k); err != nil {
			got = fault.Of(err).Subject
		} else {
			e := provider.Kept(&k, vault.NewSecret("k"))
			got = e.BaseURL + " " + string(e.API)
		}
		if got != tc.want {
			t.Errorf("%+v: got %q, want %q", tc, got, tc.want)
		}
	}
}
