package openai

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// DefaultBaseURL is the address of OpenAI's own API.
const DefaultBaseURL = "https://api.openai.com/v1"

// Options is what NewChat and NewResponses may be told. The zero Options is
// right for production.
type Options struct {
	// HTTP, Guarded, KeyVariables and Now are upstream.Options'.
	HTTP         *http.Client
	Guarded      *http.Client
	KeyVariables map[string]string
	Now          func() time.Time

	// Flavour is how Chat talks and listens.
	Flavour Flavour

	// Reasons says which models reason, of which Responses asks for their
	// encrypted reasoning; others refuse the question. Nil means Reasons.
	Reasons func(model string) bool
}

// Flavour tells OpenAI's own Chat Completions from the many that are
// compatible with it. They differ in two rules:
//
// The token limit. OpenAI has renamed max_tokens to max_completion_tokens, and
// its newer models refuse the old name; compatible servers mostly know the old
// one only.
//
// The end of an answer. OpenAI always sends [DONE], so without it an answer is
// truncated. Several compatible servers leave it out: with them an answer is
// also whole if the response ends in good order after a finish_reason.
type Flavour uint8

// The flavours.
const (
	// ByAddress is OpenAI at api.openai.com and its regional subdomains,
	// Compatible elsewhere.
	ByAddress Flavour = iota
	Own
	Compatible
)

// own decides for one endpoint.
func (f Flavour) own(to provider.Endpoint) bool {
	return f == Own || f == ByAddress && ownAddress(to)
}

// caller is what the dialects share.
type caller struct {
	client *upstream.Client
}

func newCaller(o Options) caller {
	return caller{upstream.New(upstream.Options{
		HTTP: o.HTTP, Guarded: o.Guarded, Explain: explain, KeyVariables: o.KeyVariables, Now: o.Now,
	})}
}

func baseURL(to provider.Endpoint) string {
	return strings.TrimSuffix(cmp.Or(to.BaseURL, DefaultBaseURL), "/")
}

// ownAddress reports whether the endpoint is OpenAI's.
func ownAddress(to provider.Endpoint) bool {
	u, err := url.Parse(baseURL(to))
	if err != nil {
		return false
	}
	const own = "api.openai.com"
	return u.Hostname() == own || strings.HasSuffix(u.Hostname(), "."+own)
}

func header(to provider.Endpoint) http.Header {
	h := http.Header{}
	if !to.Key.Empty() {
		h.Set("Authorization", "Bearer "+to.Key.Reveal())
	}
	return h
}

func (c caller) stream(ctx context.Context, to provider.Endpoint, path string, body any) (*upstream.Events, error) {
	return c.client.Stream(ctx, to, baseURL(to)+path, header(to), body)
}

// Models lists what GET /models names, in the server's order. Context is set
// where a compatible server tells it.
func (c caller) Models(ctx context.Context, of provider.Endpoint) ([]provider.Model, error) {
	var reply modelList
	if err := c.client.Get(ctx, of, baseURL(of)+"/models", header(of), &reply); err != nil {
		return nil, err
	}
	models := make([]provider.Model, 0, len(reply.Data))
	for _, m := range reply.Data {
		if m.ID == "" {
			continue
		}
		models = append(models, provider.Model{
			Provider: of.Provider,
			Name:     m.ID,
			Context:  int64(max(0, cmp.Or(m.ContextLength, m.ContextWindow, m.MaxModelLen))),
		})
	}
	return models, nil
}

// modelList is the reply of GET /models: an object with data, or, at some
// compatible servers, the bare list.
type modelList struct {
	Data []struct {
		ID            string         `json:"id"`
		ContextLength upstream.Count `json:"context_length"` // OpenRouter
		ContextWindow upstream.Count `json:"context_window"` // Groq
		MaxModelLen   upstream.Count `json:"max_model_len"`  // vLLM
	} `json:"data"`
}

// UnmarshalJSON implements json.Unmarshaler.
func (l *modelList) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("[")) {
		return json.Unmarshal(b, &l.Data)
	}
	type object modelList
	return json.Unmarshal(b, (*object)(l))
}

// Reasons guesses from a model's name whether it is one of OpenAI's reasoning
// models: o1 and its successors, and the GPT generations from the fifth on
// except their chat variants.
func Reasons(model string) bool {
	if number, ok := strings.CutPrefix(model, "gpt-"); ok {
		return generation(number) >= 5 && !strings.Contains(number, "-chat")
	}
	if number, ok := strings.CutPrefix(model, "o"); ok {
		return generation(number) >= 1
	}
	return strings.HasPrefix(model, "codex-")
}

// generation is the number that s begins with; 0 if it begins with none.
func generation(s string) int {
	n := 0
	for i := 0; i < len(s) && i < 3 && s[i] >= '0' && s[i] <= '9'; i++ {
		n = 10*n + int(s[i]-'0')
	}
	return n
}
