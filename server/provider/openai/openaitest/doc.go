// Package openaitest describes to providertest, as data, what OpenAI documents
// about its two dialects, and how compatible servers speak the older one. It is
// used by tests only.
package openaitest

import (
	"embed"
	"encoding/json"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

//go:embed testdata
var testdata embed.FS

func read(name string) string {
	b, err := testdata.ReadFile("testdata/" + name)
	if err != nil {
		panic(err) // a mistake in this package
	}
	return string(b)
}

var bearer = map[string]string{"Authorization": "Bearer " + providertest.Key}

// encode writes JSON with its characters as they are.
func encode(v any) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		panic(err) // a mistake in this package
	}
	return strings.TrimSpace(b.String())
}

type object = map[string]any

func text(s string) provider.Part { return provider.Part{Type: provider.Text, Text: s} }

func user(parts ...provider.Part) provider.Message {
	return provider.Message{Role: provider.User, Parts: parts}
}

func assistant(parts ...provider.Part) provider.Message {
	return provider.Message{Role: provider.Assistant, Parts: parts}
}

var picture = provider.Part{Type: provider.Image, MIME: "image/png", Data: []byte{0x89, 'P', 'N', 'G'}}
