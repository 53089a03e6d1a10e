package anthropic_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/anthropic"
	"github.com/aichat-term/aichat/server/provider/anthropic/anthropictest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// counted has a stub answer one count.
func counted(t *testing.T, req *provider.Request, want string, status int, reply string) (int64, error) {
	t.Helper()
	vendor := anthropictest.Vendor()
	root := providertest.Serve(t, providertest.Exchange{Method: http.MethodPost, Path: "/v1/messages/count_tokens",
		Header: vendor.Header, Body: want, Serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(reply)) // the client tells what is missing
		}})
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return anthropic.New(client, nil).Count(t.Context(), vendor.Endpoint(root), req)
}

func TestCountPayloads(t *testing.T) {
	t.Parallel()
	warm := 0.5
	say := func(role provider.Role, text string) provider.Message {
		return provider.Message{Role: role, Parts: []provider.Part{{Type: provider.Text, Text: text}}}
	}
	for _, tc := range []struct {
		name string
		req  provider.Request
		want string
	}{
		{"a question", provider.Request{Messages: []provider.Message{say(provider.User, "Hello")}},
			`{"model": "m-1", "messages": [{"role": "user", "content": [{"type": "text", "text": "Hello"}]}]}`},
		{"a system prompt and a history, without what concerns the answer",
			provider.Request{System: "Be brief.", MaxTokens: 5, OutputLimit: 9, Temperature: &warm, Messages: []provider.Message{
				say(provider.User, "Hello"), say(provider.Assistant, "Hi"), say(provider.User, "Who?")}},
			`{"model": "m-1", "system": "Be brief.", "messages": [
				{"role": "user", "content": [{"type": "text", "text": "Hello"}]},
				{"role": "assistant", "content": [{"type": "text", "text": "Hi"}]},
				{"role": "user", "content": [{"type": "text", "text": "Who?"}]}]}`},
		{"an image", provider.Request{Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{
			{Type: provider.Image, MIME: "image/png", Data: []byte("png")}}}}},
			`{"model": "m-1", "messages": [{"role": "user", "content": [
				{"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "cG5n"}}]}]}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.req.Model = "m-1"
			if n, err := counted(t, &tc.req, tc.want, http.StatusOK, `{"input_tokens": 2095}`); n != 2095 || err != nil {
				t.Errorf("%d tokens, %v", n, err)
			}
		})
	}
}

func TestCountFails(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		reply  string
		want   fault.Kind
	}{
		{"too many", http.StatusTooManyRequests, "{}", fault.ProviderRateLimited},
		{"overloaded", http.StatusServiceUnavailable, "busy", fault.ProviderOverloaded},
		{"no JSON", http.StatusOK, "<html>", fault.ProviderMalformed},
		{"no count", http.StatusOK, "{}", fault.ProviderMalformed},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if n, err := counted(t, &provider.Request{Model: "m-1"}, "", tc.status, tc.reply); n != 0 || !fault.Is(err, tc.want) {
				t.Errorf("%d tokens, %v", n, err)
			}
		})
	}
}

func TestCountEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := anthropic.New(http.DefaultClient, nil).Count(ctx, anthropictest.Vendor().Endpoint("http://127.0.0.1:1"), &provider.Request{Model: "m-1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
