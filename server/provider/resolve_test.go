package provider_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// small enough to reason about: two vendors list "twin".
const family = `{"models": [
	{"provider": "alpha", "name": "twin", "price": {"input": 1, "cached_read": 1, "cached_write": 1, "output": 1}},
	{"provider": "beta", "name": "twin"},
	{"provider": "beta", "name": "only-2", "context": 7}
]}`

func TestResolve(t *testing.T) {
	t.Parallel()
	c := load(t, family)
	for asked, want := range map[string]provider.Model{
		"beta/only-2":                  {Provider: "beta", Name: "only-2", Context: 7, Listed: true},
		"only-2":                       {Provider: "beta", Name: "only-2", Context: 7, Listed: true},
		"only-2-20260101":              {Provider: "beta", Name: "only-2-20260101", Context: 7, Listed: true},
		"beta/only-2-20260101":         {Provider: "beta", Name: "only-2-20260101", Context: 7, Listed: true},
		"beta/twin":                    {Provider: "beta", Name: "twin", Listed: true},
		"beta/brand-new":               {Provider: "beta", Name: "brand-new"},
		"router/meta-llama/llama-3:8b": {Provider: "router", Name: "meta-llama/llama-3:8b"},
		"router/only-2":                {Provider: "router", Name: "only-2"},
	} {
		got, err := c.Resolve(asked, "router")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("Resolve(%q) = %+v, %v; want %+v", asked, got, err, want)
		}
	}
}

func TestResolveOfTheUnknown(t *testing.T) {
	t.Parallel()
	c := load(t, family)
	for asked, says := range map[string]string{
		"":                        "list of models",
		"/":                       "list of models",
		"alpha/":                  "did you mean alpha/twin",
		"twin":                    "say alpha/twin or beta/twin",
		"only2":                   "did you mean beta/only-2?",
		"ONLY-2":                  "did you mean beta/only-2?",
		"bta/only-2":              "did you mean beta/only-2?",
		"sonnet":                  "did you mean anthropic/claude-sonnet-5-5 or anthropic/claude-sonnet-5?",
		"gpt-6.2-soul":            "openai/gpt-6.2-sol",
		"nothing-of-the-sort":     "list of models",
		"stranger/llama":          "list of models",
		"routr/":                  "router/",
		"alpha/two words":         "no spaces",
		"alpha/\x1b[31mred":       `\x1b[31mred`,
		strings.Repeat("a", 5000): "list of models",
	} {
		m, err := c.Resolve(asked, "router")
		if !fault.Is(err, fault.ModelUnknown) {
			t.Errorf("Resolve(%.40q) = %+v, %v; want model_unknown", asked, m, err)
			continue
		}
		public := fault.Of(err).Public()
		if !strings.Contains(public, says) {
			t.Errorf("Resolve(%.40q): %q does not say %q", asked, public, says)
		}
		if len(public) > 400 || strings.Count(public, "/") > 12 {
			t.Errorf("Resolve(%.40q): the message is too long: %q", asked, public)
		}
	}
}

func TestSuggestionsAreFew(t *testing.T) {
	t.Parallel()
	_, err := load(t, "").Resolve("claude")
	if n := strings.Count(fault.Of(err).Public(), "anthropic/"); n != 3 {
		t.Errorf("%d suggestions in %q, want 3", n, fault.Of(err).Public())
	}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	listed := []provider.Model{
		{Provider: "a", Name: "gpt-9", Listed: true, Context: 5},
		{Provider: "a", Name: "house-embed", Listed: true},
	}
	live := []provider.Model{
		{Provider: "a", Name: "zeta"},
		{Provider: "a", Name: "gpt-9", Context: 99},
		{Provider: "a", Name: "gpt-9-2026-01-01"},
		{Provider: "a", Name: "text-embedding-3-large"},
		{Provider: "b", Name: "gpt-9"},
		{Provider: "a", Name: "alpha"},
		{Provider: "a", Name: "zeta"},
	}
	var got []string
	merged := provider.Merge(listed, live)
	for _, m := range merged {
		got = append(got, m.ID())
	}
	if want := "a/gpt-9 a/house-embed a/zeta b/gpt-9 a/alpha"; strings.Join(got, " ") != want {
		t.Errorf("merged to %v, want %s", got, want)
	}
	if merged[0].Context != 5 {
		t.Error("a live model replaced the listed one")
	}
	if len(listed) != 2 {
		t.Error("the listed slice was changed")
	}
}

func TestChats(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"gpt-6.2-sol": true, "claude-opus-5-5": true, "gemini-3.8-flash": true, "o3-mini": true,
		"llama3.2-vision:11b": true, "meta-llama/Llama-3.3-70B-Instruct": true, "qwen3-coder:30b": true,
		"deepseek-reasoner": true, "olive": true, "gpt-4o-search-preview": true,

		"text-embedding-3-large": false, "gemini-embedding-001": false, "nomic-embed-text:latest": false,
		"mxbai-embedder": false, "bge-reranker-v2": false, "gpt-4o-mini-tts": false, "tts-1-hd": false,
		"whisper-1": false, "gpt-4o-transcribe": false, "dall-e-3": false, "gpt-image-1": false,
		"chatgpt-image-latest": false, "imagen-4.0-generate-001": false, "veo-3.0-fast": false, "sora-2": false,
		"omni-moderation-latest": false, "gpt-realtime": false, "gemini-live-2.5-flash": false,
		"gemini-2.5-flash-native-audio": false, "davinci-002": false, "aqa": false,
	} {
		if got := provider.Chats(name); got != want {
			t.Errorf("Chats(%q) = %v, want %v", name, got, want)
		}
	}
}
