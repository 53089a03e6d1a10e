package openaitest

import (
	"net/http"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// Chat is Chat Completions as OpenAI itself speaks it.
func Chat() providertest.Vendor {
	return providertest.Vendor{
		Provider:     "openai",
		API:          provider.OpenAIChat,
		New:          newChat(openai.Own),
		Suffix:       "/v1",
		Path:         chatPath,
		Header:       bearer,
		Stream:       chatStream,
		Noise:        chatNoise,
		StreamErrors: chatErrors,
		Refusals:     refusals,
		Requests:     chatRequests(),
		Answers:      chatAnswers(),
		Models:       models("openai"),
	}
}

// Compatible is Chat Completions as Ollama, vLLM, llama.cpp, OpenRouter and
// others speak it: no [DONE], usage beside the finish, other errors.
func Compatible() providertest.Vendor {
	return providertest.Vendor{
		Provider:     "corp",
		API:          provider.OpenAIChat,
		New:          newChat(openai.ByAddress),
		Suffix:       "/v1",
		Path:         chatPath,
		Header:       bearer,
		Stream:       compatibleStream,
		Noise:        chatNoise,
		StreamErrors: compatibleErrors,
		Refusals:     compatibleRefusals,
		Requests:     compatibleRequests(),
		Answers:      compatibleAnswers(),
		Models:       compatibleModels,
	}
}

func newChat(f openai.Flavour) func(*http.Client) provider.Provider {
	return func(c *http.Client) provider.Provider { return openai.NewChat(openai.Options{HTTP: c, Flavour: f}) }
}

func chatPath(string) string { return "/v1/chat/completions" }

func chatStream(s providertest.Script) []providertest.Frame {
	frames := []providertest.Frame{chunk(object{"role": "assistant", "content": "", "refusal": nil}, nil, nil)}
	for _, t := range s.Text {
		frames = append(frames, chunk(object{"content": t}, nil, nil))
	}
	frames = append(frames, chunk(object{}, finishWord(s.Finish), nil))
	if s.Usage != nil {
		frames = append(frames, providertest.Frame{Data: encode(object{
			"id": "chatcmpl-1", "object": "chat.completion.chunk", "choices": []any{}, "usage": chatUsage(s.Usage),
		})})
	}
	return append(frames, providertest.Frame{Data: "[DONE]"})
}

func compatibleStream(s providertest.Script) []providertest.Frame {
	var frames []providertest.Frame
	for _, t := range s.Text {
		frames = append(frames, chunk(object{"role": "assistant", "content": t}, nil, nil))
	}
	var usage any
	if s.Usage != nil {
		usage = chatUsage(s.Usage)
	}
	return append(frames, chunk(object{"content": ""}, finishWord(s.Finish), usage))
}

func chunk(delta object, finish, usage any) providertest.Frame {
	return providertest.Frame{Data: encode(object{
		"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1790000000, "model": providertest.Model,
		"choices": []any{object{"index": 0, "delta": delta, "logprobs": nil, "finish_reason": finish}},
		"usage":   usage,
	})}
}

func chatUsage(u *provider.Usage) object {
	return object{
		"prompt_tokens": u.Input + u.CachedRead, "completion_tokens": u.Output,
		"prompt_tokens_details":     object{"cached_tokens": u.CachedRead, "audio_tokens": 0},
		"completion_tokens_details": object{"reasoning_tokens": u.Reasoning},
	}
}

func finishWord(f provider.FinishReason) string {
	if f == provider.Length {
		return "length"
	}
	return "stop"
}

var chatNoise = []providertest.Frame{
	{Data: `{"id":"","object":"chat.completion.chunk","choices":[],"prompt_filter_results":[{"prompt_index":0}]}`}, // Azure
	{Data: `{}`},
	{Data: `{"choices":[{"index":1,"delta":{"content":"another choice"}}]}`},
	{Data: `{"choices":[{"index":0,"delta":{},"finish_reason":null}],"usage":null,"error":null}`},
}
