package provider_test

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// What people paste into a base URL means what they mean.
func TestBaseURLs(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ variable, written, model, want string }{
		{"ANTHROPIC_BASE_URL", "https://gate.example/anthropic/", "anthropic/x", "https://gate.example/anthropic"},
		{"ANTHROPIC_BASE_URL", "https://gate.example/v1", "anthropic/x", "https://gate.example"},
		{"ANTHROPIC_BASE_URL", "https://gate.example/v1/messages", "anthropic/x", "https://gate.example"},
		{"OPENAI_BASE_URL", "http://box:8000/v1", "openai/x", "http://box:8000/v1"},
		{"OPENAI_BASE_URL", "http://box:8000/v1/chat/completions", "openai/x", "http://box:8000/v1"},
		{"OPENAI_BASE_URL", "http://box:8000/v1/v1/", "openai/x", "http://box:8000/v1"},
		{"OPENAI_BASE_URL", "https://api.openai.com/v1/responses", "openai/x", "https://api.openai.com/v1"},
		{"GOOGLE_GEMINI_BASE_URL", "https://gate.example/v1beta/models", "gemini/x", "https://gate.example"},
	} {
		d := directory(t, provider.DirectoryOptions{NoProbe: true})
		r, err := d.Route(t.Context(), provider.Caller{Env: map[string]string{tc.variable: tc.written, "OPENAI_API_KEY": "k"}}, tc.model)
		if err != nil || r.Endpoint.BaseURL != tc.want {
			t.Errorf("%s=%s leads to %q, %v; want %q", tc.variable, tc.written, r.Endpoint.BaseURL, err, tc.want)
		}
	}
}

// What is no base URL is refused with what to write, whether the model is named
// or not, and nobody is asked for a list there.
func TestBaseURLsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ variable, written, says string }{
		{"OPENAI_BASE_URL", "127.0.0.1:8000/v1", "write http://127.0.0.1:8000/v1."},
		{"OPENAI_BASE_URL", "localhost:8000", "write http://localhost:8000."},
		{"ANTHROPIC_BASE_URL", "gate.example/v1", "write https://gate.example/v1."},
		{"ANTHROPIC_BASE_URL", "ftp://gate.example", "no web address"},
		{"ANTHROPIC_BASE_URL", "https://", "no web address"},
		{"OPENAI_BASE_URL", "http://box:99999", "port"},
		{"OPENAI_BASE_URL", "http://box/v1?key=secret", "leave out"},
		{"OLLAMA_HOST", "bad", "OLLAMA_HOST"},
	} {
		vendor := &offering{asked: make(chan provider.Endpoint, 10)}
		d := directory(t, provider.DirectoryOptions{NoProbe: true, Vendors: map[provider.API]provider.Provider{
			provider.Anthropic: vendor, provider.OpenAIChat: vendor, provider.OpenAIResponses: vendor}})
		caller := provider.Caller{Env: map[string]string{tc.variable: tc.written}}
		id, _, _ := strings.Cut(strings.ToLower(tc.variable), "_")
		for _, model := range []string{"", id + "/x"} {
			_, err := d.Route(t.Context(), caller, model)
			if f := fault.Of(err); f == nil || f.Kind != fault.Invalid || !strings.Contains(f.Public(), tc.says) || strings.Contains(f.Public(), "secret") {
				t.Errorf("%s=%s, model %q: %v", tc.variable, tc.written, model, err)
			}
		}
		if _, problems := d.Models(t.Context(), caller); len(problems) != 1 || !fault.Is(problems[0].Err, fault.Invalid) || len(vendor.asked) > 0 {
			t.Errorf("%s=%s: %v, asked %d times", tc.variable, tc.written, problems, len(vendor.asked))
		}
	}
}
