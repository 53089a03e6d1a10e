package openai_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
)

// TestCount: OpenAI's own models are counted without a call, others not at all.
func TestCount(t *testing.T) {
	t.Parallel()
	const elsewhere = "https://llm.example/v1"
	for _, tc := range []struct {
		name, model, base string
		image             bool
		want              int64 // 0: a fault
	}{
		{name: "GPT-4o", model: "gpt-4o-2024-08-06", want: 1015},
		{name: "GPT-4.1", model: "gpt-4.1-mini", want: 1015},
		{name: "GPT-5", model: "gpt-5.1", want: 1015},
		{name: "its chat variant", model: "chatgpt-4o-latest", want: 1015},
		{name: "a reasoning model", model: "o3", want: 1015},
		{name: "a region of OpenAI's", model: "gpt-5", base: "https://eu.api.openai.com/v1", want: 1015},
		{name: "an older vocabulary", model: "gpt-4-turbo"},
		{name: "one that nobody knows yet", model: "gpt-6"},
		{name: "another's model", model: "llama-4"},
		{name: "another's server", model: "gpt-5", base: elsewhere},
		{name: "an image", model: "gpt-5", image: true},
	} {
		req := &provider.Request{Model: tc.model, System: "Be brief.", Messages: []provider.Message{
			{Role: provider.User, Parts: []provider.Part{{Type: provider.Text, Text: strings.Repeat(" hello", 1000)}}},
		}}
		if tc.image {
			req.Messages[0].Parts = append(req.Messages[0].Parts, provider.Part{Type: provider.Image})
		}
		w := &wire{}
		for _, counter := range []provider.Counter{openai.NewResponses(openai.Options{HTTP: &http.Client{Transport: w}}), openai.NewChat(openai.Options{HTTP: &http.Client{Transport: w}})} {
			n, err := counter.Count(t.Context(), provider.Endpoint{Provider: "openai", BaseURL: tc.base}, req)
			if n != tc.want || (err == nil) != (tc.want > 0) || w.url != "" {
				t.Errorf("%s: %d tokens, %v, called %q; want %d", tc.name, n, err, w.url, tc.want)
			}
		}
	}
}

func TestCountEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	req := &provider.Request{Model: "gpt-5", System: "Be brief."}
	if n, err := openai.NewResponses(openai.Options{}).Count(ctx, provider.Endpoint{Provider: "openai"}, req); err == nil {
		t.Errorf("%d tokens", n)
	}
}
