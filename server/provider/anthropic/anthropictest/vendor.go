// Package anthropictest describes Anthropic's API to providertest: what the
// Messages API documents about its streams, errors and lists, as data. It is
// used by tests only.
package anthropictest

import (
	"embed"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/anthropic"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

//go:embed testdata
var testdata embed.FS

// Vendor is the description.
func Vendor() providertest.Vendor {
	return providertest.Vendor{
		Provider:     "anthropic",
		API:          provider.Anthropic,
		New:          func(c *http.Client) provider.Provider { return anthropic.New(c, nil) },
		Path:         func(string) string { return "/v1/messages" },
		Header:       map[string]string{"X-Api-Key": providertest.Key, "Anthropic-Version": "2023-06-01", "Authorization": ""},
		Stream:       Stream,
		Noise:        noise,
		StreamErrors: streamErrors(),
		Refusals:     refusals,
		Requests:     requests(),
		Answers:      answers(),
		Models:       models,
		Counts:       counts,
	}
}

// Stream writes an answer as the Messages API does.
func Stream(s providertest.Script) []providertest.Frame {
	start := map[string]any{"id": "msg_01", "type": "message", "role": "assistant", "content": []any{}, "model": providertest.Model, "stop_reason": nil}
	delta := map[string]any{"delta": map[string]any{"stop_reason": stopReason(s.Finish), "stop_sequence": nil}}
	if u := s.Usage; u != nil {
		start["usage"] = map[string]any{"input_tokens": u.Input, "cache_read_input_tokens": u.CachedRead, "cache_creation_input_tokens": u.CachedWrite, "output_tokens": 1}
		delta["usage"] = map[string]any{"output_tokens": u.Output, "output_tokens_details": map[string]any{"thinking_tokens": u.Reasoning}}
	}
	frames := []providertest.Frame{
		frame("message_start", map[string]any{"message": start}),
		frame("content_block_start", map[string]any{"index": 0, "content_block": map[string]any{"type": "text", "text": ""}}),
	}
	for _, text := range s.Text {
		frames = append(frames, frame("content_block_delta", map[string]any{"index": 0, "delta": map[string]any{"type": "text_delta", "text": text}}))
	}
	return append(frames,
		frame("content_block_stop", map[string]any{"index": 0}),
		frame("message_delta", delta),
		frame("message_stop", map[string]any{}),
	)
}

func stopReason(f provider.FinishReason) string {
	if f == provider.Length {
		return "max_tokens"
	}
	return "end_turn"
}

// frame is an event whose type stands in its name and in its data.
func frame(name string, data map[string]any) providertest.Frame {
	data["type"] = name
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(data); err != nil {
		panic(err) // a mistake in this package
	}
	return providertest.Frame{Name: name, Data: strings.TrimSpace(b.String())}
}

var noise = []providertest.Frame{
	{Name: "ping", Data: `{"type": "ping"}`},
	{Name: "content_block_polish", Data: `{"type":"content_block_polish","index":7}`},
	{Name: "vendor_debug", Data: `not even JSON`},
}

func read(name string) string {
	b, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		panic(err) // a mistake in this package
	}
	return string(b)
}
