package openai_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/vault"
)

// wire answers every call with one stream and keeps the last request.
type wire struct {
	stream string
	url    string
	auth   []string
	body   string
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	w.url, w.auth, w.body = r.URL.String(), r.Header["Authorization"], string(body)
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(strings.NewReader(w.stream)),
		Header: http.Header{"Content-Type": {"text/event-stream"}},
	}, err
}

const (
	answered = `data: {"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}` + "\n\n"
	done     = "data: [DONE]\n\n"
)

// drain reads a stream to what ends it.
func drain(t *testing.T, s provider.Stream) error {
	t.Helper()
	defer func() { _ = s.Close() }() // tested by providertest
	var ev provider.Event
	for {
		if err := s.Next(&ev); err != nil {
			return err
		}
	}
}

// What a Flavour is about follows from the address, unless it is told.
func TestFlavours(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		flavour openai.Flavour
		base    string
		own     bool
	}{
		"no address":            {openai.ByAddress, "", true},
		"OpenAI's":              {openai.ByAddress, "https://api.openai.com/v1", true},
		"a region of OpenAI's":  {openai.ByAddress, "https://eu.api.openai.com/v1/", true},
		"one that sounds alike": {openai.ByAddress, "https://notapi.openai.com.example/v1", false},
		"another's":             {openai.ByAddress, "http://127.0.0.1:11434/v1", false},
		"OpenAI behind a proxy": {openai.Own, "https://proxy.example/v1", true},
		"told to be compatible": {openai.Compatible, "", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &wire{stream: answered}
			p := openai.NewChat(openai.Options{HTTP: &http.Client{Transport: w}, Flavour: tc.flavour})
			to := provider.Endpoint{Provider: "x", BaseURL: tc.base}
			s, err := p.Stream(t.Context(), to, &provider.Request{Model: "m", MaxTokens: 9})
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(w.body, `"max_completion_tokens":9`) != tc.own || strings.Contains(w.body, `"max_tokens":9`) == tc.own {
				t.Errorf("own is %v, the body %s", tc.own, w.body)
			}
			if err := drain(t, s); fault.Is(err, fault.ProviderTruncated) != tc.own || !tc.own && !errors.Is(err, io.EOF) {
				t.Errorf("without [DONE] the answer ended with %v", err)
			}
			base := strings.TrimSuffix(tc.base, "/")
			if base == "" {
				base = openai.DefaultBaseURL
			}
			if w.url != base+"/chat/completions" {
				t.Errorf("called %s", w.url)
			}
			w.stream += done
			if s, err = p.Stream(t.Context(), to, &provider.Request{Model: "m"}); err != nil {
				t.Fatal(err)
			}
			if err := drain(t, s); !errors.Is(err, io.EOF) {
				t.Errorf("with [DONE] the answer ended with %v", err)
			}
		})
	}
}

func TestTheKeyIsSentOnlyIfThereIsOne(t *testing.T) {
	t.Parallel()
	w := &wire{stream: answered + done}
	for key, want := range map[string]string{"": "", "abc": "Bearer abc"} {
		for _, p := range []provider.Provider{
			openai.NewChat(openai.Options{HTTP: &http.Client{Transport: w}}),
			openai.NewResponses(openai.Options{HTTP: &http.Client{Transport: w}}),
		} {
			s, err := p.Stream(t.Context(), provider.Endpoint{Key: vault.NewSecret(key)}, &provider.Request{Model: "m"})
			if err != nil {
				t.Fatal(err)
			}
			_ = s.Close() // tested by providertest
			if got := strings.Join(w.auth, ","); got != want {
				t.Errorf("Authorization is %q, want %q", got, want)
			}
		}
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	for model, want := range map[string]bool{
		"gpt-6.2-sol": true, "gpt-5": true, "gpt-5-mini-2025-08-07": true, "gpt-10": true,
		"o1": true, "o3-mini": true, "o4-mini-deep-research": true, "codex-mini-latest": true,
		"gpt-4o": false, "gpt-4.1-nano": false, "gpt-3.5-turbo": false, "chatgpt-4o-latest": false,
		"gpt-5-chat-latest": false, "gpt-oss-120b": false, "omni-moderation-latest": false, "llama3": false, "": false,
		"ft:gpt-4o:house::x": false,
	} {
		if got := openai.Reasons(model); got != want {
			t.Errorf("Reasons(%q) = %v, want %v", model, got, want)
		}
	}
	w := &wire{stream: answered}
	p := openai.NewResponses(openai.Options{HTTP: &http.Client{Transport: w}, Reasons: func(m string) bool { return m == "mine" }})
	for model, want := range map[string]bool{"mine": true, "gpt-6.2-sol": false} {
		s, err := p.Stream(t.Context(), provider.Endpoint{}, &provider.Request{Model: model})
		if err != nil {
			t.Fatal(err)
		}
		_ = s.Close() // tested by providertest
		if strings.Contains(w.body, "reasoning.encrypted_content") != want {
			t.Errorf("%s: the body is %s", model, w.body)
		}
	}
}

// Usage that is known when an answer fails is told before the fault.
func TestUsageComesBeforeAFault(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		p      func(openai.Options) provider.Provider
		stream string
	}{
		"chat": {
			func(o openai.Options) provider.Provider { return openai.NewChat(o) },
			`data: {"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2},"error":{"message":"x","code":500}}`,
		},
		"responses": {
			func(o openai.Options) provider.Provider { return openai.NewResponses(o) },
			`data: {"type":"response.failed","response":{"error":{"code":"server_error"},"usage":{"input_tokens":5,"output_tokens":2}}}`,
		},
	} {
		w := &wire{stream: tc.stream + "\n\n"}
		s, err := tc.p(openai.Options{HTTP: &http.Client{Transport: w}}).Stream(t.Context(), provider.Endpoint{Provider: "x"}, &provider.Request{Model: "m"})
		if err != nil {
			t.Fatal(err)
		}
		var ev provider.Event
		for range 2 {
			if err := s.Next(&ev); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if want := (provider.Usage{Input: 5, Output: 2}); ev.Type != provider.UsageNow || ev.Usage != want {
			t.Errorf("%s: %+v before the fault", name, ev)
		}
		for range 2 {
			if err := s.Next(&ev); !fault.Is(err, fault.ProviderOverloaded) {
				t.Errorf("%s: ended with %v", name, err)
			}
		}
		_ = s.Close() // tested by providertest
	}
}
