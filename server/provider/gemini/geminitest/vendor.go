// Package geminitest describes Google's Gemini API to providertest: what it
// documents about its streams, errors and lists, as data. It is used by tests
// only.
package geminitest

import (
	"embed"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/gemini"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

//go:embed testdata
var testdata embed.FS

// Vendor is the description.
func Vendor() providertest.Vendor {
	return providertest.Vendor{
		Provider:     "gemini",
		API:          provider.Gemini,
		New:          func(c *http.Client) provider.Provider { return gemini.New(c, nil) },
		Path:         func(model string) string { return "/v1beta/models/" + model + ":streamGenerateContent?alt=sse" },
		Header:       map[string]string{"X-Goog-Api-Key": providertest.Key, "Authorization": ""},
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

// Stream writes an answer as streamGenerateContent does.
func Stream(s providertest.Script) []providertest.Frame {
	var frames []providertest.Frame
	for _, text := range s.Text {
		frames = append(frames, frame(text, "", nil))
	}
	return append(frames, frame("", finishReason(s.Finish), s.Usage))
}

func finishReason(f provider.FinishReason) string {
	if f == provider.Length {
		return "MAX_TOKENS"
	}
	return "STOP"
}

func frame(text, finish string, u *provider.Usage) providertest.Frame {
	candidate := map[string]any{"index": 0, "content": map[string]any{"role": "model", "parts": []any{map[string]any{"text": text}}}}
	if finish != "" {
		candidate["finishReason"] = finish
	}
	chunk := map[string]any{"candidates": []any{candidate}, "modelVersion": providertest.Model, "responseId": "r-1"}
	if u != nil {
		chunk["usageMetadata"] = map[string]any{
			"promptTokenCount": u.Input + u.CachedRead, "cachedContentTokenCount": u.CachedRead,
			"candidatesTokenCount": u.Output - u.Reasoning, "thoughtsTokenCount": u.Reasoning,
		}
	}
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(chunk); err != nil {
		panic(err) // a mistake in this package
	}
	return providertest.Frame{Data: strings.TrimSpace(b.String())}
}

var noise = []providertest.Frame{
	{Data: `{}`},
	{Data: `{"candidates":[],"modelVersion":"test-model-1"}`},
	{Data: `{"candidates":[{"index":0,"content":{"role":"model"},"finishReason":"FINISH_REASON_UNSPECIFIED"}]}`},
	{Data: `{"candidates":[{"index":0,"content":{"role":"model","parts":[{"hologram":{"x":1}}]}}],"promptFeedback":{"safetyRatings":[]},"usageMetadata":null}`},
	{Name: "heartbeat", Data: "not even JSON"},
}

func read(name string) string {
	b, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		panic(err) // a mistake in this package
	}
	return string(b)
}
