package openaitest

import (
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func chatAnswers() []providertest.AnswerCase {
	return []providertest.AnswerCase{
		{
			Name: "text with a cached prompt", Stream: read("chat_text.sse"), Header: map[string]string{"X-Request-Id": "req_77"},
			Want: providertest.Result{
				RequestID: "req_77",
				Parts:     []providertest.Part{{Type: provider.Text, Text: "Hello there."}},
				Usage:     provider.Usage{Input: 500, CachedRead: 1024, CachedWrite: 512, Output: 90, Reasoning: 64},
				Finish:    provider.Stop,
			},
		},
		{
			Name: "parallel tool calls", Stream: read("chat_tools.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.Text, Text: "Looking."},
					{Type: provider.ToolCall, CallID: "call_a", Name: "weather", Text: `{"city":"Ulm"}`},
					{Type: provider.ToolCall, CallID: "call_b", Name: "clock", Text: `{}`},
				},
				Usage:  provider.Usage{Input: 80, Output: 30},
				Finish: provider.Tool,
			},
		},
		{
			Name: "refusal", Stream: read("chat_refusal.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "I cannot help with that."}},
				Usage:  provider.Usage{Input: 20, Output: 7},
				Finish: provider.Refusal,
			},
		},
		{
			Name: "filtered", Stream: read("chat_filter.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "First you"}},
				Usage:  provider.Usage{Input: 20, Output: 2},
				Finish: provider.Filter,
			},
		},
	}
}

func compatibleAnswers() []providertest.AnswerCase {
	return []providertest.AnswerCase{
		{
			Name: "DeepSeek: reasoning_content, cache hits", Stream: read("compatible_deepseek.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.Reasoning, Text: "Two and two."},
					{Type: provider.Text, Text: "Four."},
				},
				Usage:  provider.Usage{Input: 6, CachedRead: 64, Output: 25, Reasoning: 20},
				Finish: provider.Stop,
			},
		},
		{
			Name: "OpenRouter: reasoning, comments, cost", Stream: read("compatible_openrouter.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.Reasoning, Text: "Hm."},
					{Type: provider.Text, Text: "Yes"},
				},
				Usage:  provider.Usage{Input: 12, Output: 5, Reasoning: 2},
				Finish: provider.Length,
			},
		},
		{
			Name: "vLLM: usage in every chunk", Stream: read("compatible_vllm.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "One two"}},
				Usage:  provider.Usage{Input: 9, Output: 2},
				Finish: provider.Stop,
			},
		},
		{
			Name: "Ollama: a call whole, and stop", Stream: read("compatible_ollama_tool.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.ToolCall, CallID: "call_0", Name: "weather", Text: `{"city":"Ulm"}`},
					{Type: provider.ToolCall, CallID: "call_x", Name: "clock", Text: `{"zone": "CET"}`},
				},
				Usage:  provider.Usage{Input: 100, Output: 20},
				Finish: provider.Tool,
			},
		},
		{
			Name: "xAI: reasoning beside the completion", Stream: read("compatible_xai.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "Ok"}},
				Usage:  provider.Usage{Input: 30, CachedRead: 2, Output: 101, Reasoning: 100},
				Finish: provider.Stop,
			},
		},
	}
}

// chatHistory is a conversation with everything in it, and how the dialect
// writes it.
func chatHistory() ([]provider.Message, string) {
	return []provider.Message{
			user(text("Look:"), picture),
			assistant(
				provider.Part{Type: provider.Reasoning, Text: "secret", Opaque: []byte(`{"type":"reasoning","encrypted_content":"x"}`), OpaqueFrom: "openai"},
				text("I will."),
				provider.Part{Type: provider.ToolCall, CallID: "c1", Name: "zoom", Arguments: `{"by":2}`},
				provider.Part{Type: provider.ToolCall, CallID: "c2", Name: "now"},
			),
			user(
				provider.Part{Type: provider.ToolResult, CallID: "c1", Text: "a cat"},
				provider.Part{Type: provider.ToolResult, CallID: "c2", Text: ""},
				text("So?"),
			),
			assistant(provider.Part{Type: "file_reference", Text: "not known here"}),
			user(text("Well?"), text("")),
		}, `
			{"role":"user","content":[{"type":"text","text":"Look:"},{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}}]},
			{"role":"assistant","content":"I will.","tool_calls":[
				{"id":"c1","type":"function","function":{"name":"zoom","arguments":"{\"by\":2}"}},
				{"id":"c2","type":"function","function":{"name":"now","arguments":"{}"}}]},
			{"role":"tool","tool_call_id":"c1","content":"a cat"},
			{"role":"tool","tool_call_id":"c2","content":""},
			{"role":"user","content":"So?\n\nWell?"}`
}

func chatRequests() []providertest.RequestCase {
	warm := 0.5
	history, written := chatHistory()
	return []providertest.RequestCase{
		{
			Name:    "plain",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi"}]}`,
		},
		{
			Name: "everything set",
			Request: &provider.Request{
				Model: "m-1", System: "Be brief.", MaxTokens: 100, OutputLimit: 8192, Temperature: &warm,
				Messages: []provider.Message{user(text("Hi")), assistant(text("Hello.")), user(text("Who?"))},
			},
			Body: `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"max_completion_tokens":100,"temperature":0.5,"messages":[
				{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"},
				{"role":"assistant","content":"Hello."},{"role":"user","content":"Who?"}]}`,
		},
		{
			Name:    "a temperature of zero",
			Request: &provider.Request{Model: "m-1", Temperature: new(float64), Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"temperature":0,"messages":[{"role":"user","content":"Hi"}]}`,
		},
		{
			Name:    "images, tools, strangers",
			Request: &provider.Request{Model: "m-1", Messages: history},
			Body:    `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"messages":[` + written + `]}`,
		},
	}
}

func compatibleRequests() []providertest.RequestCase {
	return []providertest.RequestCase{
		{
			Name:    "the old name of the limit",
			Request: &provider.Request{Model: "m-1", MaxTokens: 100, Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"max_tokens":100,"messages":[{"role":"user","content":"Hi"}]}`,
		},
		{
			Name: "neighbours merged",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("a")), user(text("b")), assistant(text("")), user(text("c")), assistant(text("d")), assistant(text("e")), user(text("f")),
			}},
			Body: `{"model":"m-1","stream":true,"stream_options":{"include_usage":true},"messages":[
				{"role":"user","content":"a\n\nb\n\nc"},{"role":"assistant","content":"d\n\ne"},{"role":"user","content":"f"}]}`,
		},
	}
}

func models(of string) []providertest.ModelsCase {
	return []providertest.ModelsCase{{
		Name: "a list",
		Pages: []providertest.Page{{Path: "/v1/models", Body: `{"object":"list","data":[
			{"id":"gpt-6.2-sol","object":"model","created":1790000000,"owned_by":"system"},
			{"id":"text-embedding-3-small","object":"model","created":1705948997,"owned_by":"system"},
			{"object":"model"}]}`}},
		Want: []provider.Model{{Provider: of, Name: "gpt-6.2-sol"}, {Provider: of, Name: "text-embedding-3-small"}},
	}}
}

var compatibleModels = []providertest.ModelsCase{
	{
		Name: "with windows",
		Pages: []providertest.Page{{Path: "/v1/models", Body: `{"data":[
			{"id":"meta-llama/llama-3","context_length":131072},{"id":"groq-like","context_window":8192},
			{"id":"vllm-like","max_model_len":4096},{"id":"absurd","context_length":-4},{"id":"none","context_length":null}]}`}},
		Want: []provider.Model{
			{Provider: "corp", Name: "meta-llama/llama-3", Context: 131072},
			{Provider: "corp", Name: "groq-like", Context: 8192},
			{Provider: "corp", Name: "vllm-like", Context: 4096},
			{Provider: "corp", Name: "absurd"},
			{Provider: "corp", Name: "none"},
		},
	},
	{
		Name:  "Ollama without a model",
		Pages: []providertest.Page{{Path: "/v1/models", Body: `{"object":"list","data":null}`}},
		Want:  []provider.Model{},
	},
	{
		Name:  "a bare list",
		Pages: []providertest.Page{{Path: "/v1/models", Body: ` [{"id":"one"},{"id":"two"}]`}},
		Want:  []provider.Model{{Provider: "corp", Name: "one"}, {Provider: "corp", Name: "two"}},
	},
}
