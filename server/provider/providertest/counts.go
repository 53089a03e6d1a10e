package providertest

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// CountCases is how a vendor is asked how long a prompt is, and answers.
type CountCases struct {
	Path string // and query, to which Model's prompts are posted

	// The bodies in which the vendor is asked for a plain question ("Hello"), for a
	// history ("Hello", "Hi", "Who?" after the system prompt "Be brief.") of which all
	// that concerns the answer is left out, and for an image (image/png, "png").
	Question, History, Image string

	Reply string // that it is counted tokens
}

// counted is what each prompt is counted as.
const counted = 2095

// count asks the vendor's adapter how long a prompt is.
func (v Vendor) count(ctx context.Context, t *testing.T, root string, req *provider.Request) (int64, error) {
	t.Helper()
	req.Model = Model
	counter, ok := v.New(client(t)).(provider.Counter)
	if !ok {
		t.Fatal("the adapter counts nothing")
	}
	return counter.Count(ctx, v.Endpoint(root), req)
}

// counting answers one count.
func (v Vendor) counting(body string, status int, reply string) Exchange {
	return Exchange{Method: http.MethodPost, Path: v.Counts.Path, Header: v.Header, Body: body,
		Serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(reply)) // the client tells what is missing
		}}
}

func (v Vendor) testCounts(t *testing.T) {
	say := func(role provider.Role, text string) provider.Message {
		return provider.Message{Role: role, Parts: []provider.Part{{Type: provider.Text, Text: text}}}
	}
	warm := 0.5
	for _, tc := range []struct {
		name string
		req  provider.Request
		want string
	}{
		{"a question", provider.Request{Messages: []provider.Message{say(provider.User, "Hello")}}, v.Counts.Question},
		{"a history", provider.Request{System: "Be brief.", MaxTokens: 5, OutputLimit: 9, Temperature: &warm, Messages: []provider.Message{
			say(provider.User, "Hello"), say(provider.Assistant, "Hi"), say(provider.User, "Who?")}}, v.Counts.History},
		{"an image", provider.Request{Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{
			{Type: provider.Image, MIME: "image/png", Data: []byte("png")}}}}}, v.Counts.Image},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			root := Serve(t, v.counting(tc.want, http.StatusOK, v.Counts.Reply))
			if n, err := v.count(t.Context(), t, root, &tc.req); n != counted || err != nil {
				t.Errorf("%d tokens, %v", n, err)
			}
		})
	}
	for name, tc := range map[string]struct {
		status int
		reply  string
		want   fault.Kind
	}{
		"too many":   {http.StatusTooManyRequests, "{}", fault.ProviderRateLimited},
		"overloaded": {http.StatusServiceUnavailable, "busy", fault.ProviderOverloaded},
		"no JSON":    {http.StatusOK, "<html>", fault.ProviderMalformed},
		"no count":   {http.StatusOK, "{}", fault.ProviderMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := Serve(t, v.counting("", tc.status, tc.reply))
			if n, err := v.count(t.Context(), t, root, &provider.Request{}); n != 0 || !fault.Is(err, tc.want) {
				t.Errorf("%d tokens, %v", n, err)
			}
		})
	}
	t.Run("it ends with its context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := v.count(ctx, t, "http://127.0.0.1:1", &provider.Request{}); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}
