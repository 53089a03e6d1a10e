package gemini_test

import (
	"context"
	"errors"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/gemini"
	"github.com/aichat-term/aichat/server/provider/gemini/geminitest"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// counted has a stub answer one count.
func counted(t *testing.T, req *provider.Request, want string, status int, reply string) (int64, error) {
	t.Helper()
	vendor := geminitest.Vendor()
	root := providertest.Serve(t, providertest.Exchange{Method: http.MethodPost, Path: "/v1beta/models/m-1:countTokens",
		Header: vendor.Header, Body: want, Serve: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(status)
			_, _ = w.Write([]byte(reply)) // the client tells what is missing
		}})
	client := &http.Client{Transport: &http.Transport{}}
	t.Cleanup(client.CloseIdleConnections)
	return gemini.New(client, nil).Count(t.Context(), vendor.Endpoint(root), req)
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
			`{"generateContentRequest": {"model": "models/m-1", "contents": [{"role": "user", "parts": [{"text": "Hello"}]}]}}`},
		{"a system prompt and a history, without what concerns the answer",
			provider.Request{System: "Be brief.", MaxTokens: 5, OutputLimit: 9, Temperature: &warm, Messages: []provider.Message{
				say(provider.User, "Hello"), say(provider.Assistant, "Hi"), say(provider.User, "Who?")}},
			`{"generateContentRequest": {"model": "models/m-1", "systemInstruction": {"parts": [{"text": "Be brief."}]}, "contents": [
				{"role": "user", "parts": [{"text": "Hello"}]},
				{"role": "model", "parts": [{"text": "Hi"}]},
				{"role": "user", "parts": [{"text": "Who?"}]}]}}`},
		{"an image", provider.Request{Messages: []provider.Message{{Role: provider.User, Parts: []provider.Part{
			{Type: provider.Image, MIME: "image/png", Data: []byte("png")}}}}},
			`{"generateContentRequest": {"model": "models/m-1", "contents": [{"role": "user", "parts": [
				{"inlineData": {"mimeType": "image/png", "data": "cG5n"}}]}]}}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.req.Model = "m-1"
			if n, err := counted(t, &tc.req, tc.want, http.StatusOK, `{"totalTokens": 2095}`); n != 2095 || err != nil {
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
	if _, err := gemini.New(http.DefaultClient, nil).Count(ctx, geminitest.Vendor().Endpoint("http://127.0.0.1:1"), &provider.Request{Model: "m-1"}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
