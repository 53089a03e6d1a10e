package server

import (
	"net/http"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/anthropic"
	"github.com/aichat-term/aichat/server/provider/demo"
	"github.com/aichat-term/aichat/server/provider/gemini"
	"github.com/aichat-term/aichat/server/provider/openai"
)

// vendors is every dialect that the server speaks, one line each. Endpoints whose
// address somebody else than the operator has written are called through guarded.
func vendors(client, guarded *http.Client, demoDelay time.Duration) map[provider.API]provider.Provider {
	open := openai.Options{HTTP: client, Guarded: guarded, KeyVariables: map[string]string{
		provider.OpenAIID: provider.KeyVariable(provider.OpenAIID),
	}}
	return map[provider.API]provider.Provider{
		provider.Anthropic:       anthropic.New(client, guarded),
		provider.OpenAIResponses: openai.NewResponses(open),
		provider.OpenAIChat:      openai.NewChat(open),
		provider.Gemini:          gemini.New(client, guarded),
		provider.Demo:            demo.New(demo.Options{Delay: demoDelay}),
	}
}
