package openaitest

import (
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func responsesAnswers() []providertest.AnswerCase {
	return []providertest.AnswerCase{
		{
			Name: "reasoning with summaries, sealed, and text", Stream: read("responses_reasoning.sse"),
			Header: map[string]string{"X-Request-Id": "req_88"},
			Want: providertest.Result{
				RequestID: "req_88",
				Parts: []providertest.Part{
					{
						Type: provider.Reasoning, Text: "Counting.\n\nChecking.",
						Opaque: `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"Counting."},{"type":"summary_text","text":"Checking."}],"encrypted_content":"gAAAsealed"}`,
					},
					{Type: provider.Text, Text: "Forty-two."},
					{Type: provider.Text, Text: "Really."},
				},
				Usage:  provider.Usage{Input: 100, CachedRead: 1024, CachedWrite: 128, Output: 80, Reasoning: 64},
				Finish: provider.Stop,
			},
		},
		{
			Name: "reasoning unseen, and calls", Stream: read("responses_tools.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Opaque: `{"type":"reasoning","id":"rs_2","summary":[],"encrypted_content":"gAAAhidden"}`},
					{Type: provider.ToolCall, CallID: "call_a", Name: "weather", Text: `{"city":"Ulm"}`},
					{Type: provider.ToolCall, CallID: "call_b", Name: "clock", Text: `{}`},
					{Type: provider.ToolCall, CallID: "call_c", Name: "ping", Text: `{"n":1}`},
				},
				Usage:  provider.Usage{Input: 75, Output: 40, Reasoning: 16},
				Finish: provider.Tool,
			},
		},
		{
			Name: "calls that are done when all have come", Stream: read("responses_calls_done_late.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.ToolCall, CallID: "call_a", Name: "weather", Text: `{"n":1}`},
					{Type: provider.ToolCall, CallID: "call_b", Name: "clock", Text: `{"n":2}`},
				},
				Finish: provider.Tool,
			},
		},
		{
			Name: "refusal", Stream: read("responses_refusal.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "I cannot help with that."}},
				Usage:  provider.Usage{Input: 20, Output: 8},
				Finish: provider.Refusal,
			},
		},
		{
			Name: "filtered", Stream: read("responses_filter.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "First you"}},
				Usage:  provider.Usage{Input: 20, Output: 3},
				Finish: provider.Filter,
			},
		},
		{
			Name: "out of tokens while thinking, from a server that names no events", Stream: read("responses_length.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Reasoning, Text: "Well"}},
				Usage:  provider.Usage{Input: 10, Output: 16, Reasoning: 16},
				Finish: provider.Length,
			},
		},
	}
}

func sealed(from, item, shown string) provider.Part {
	return provider.Part{Type: provider.Reasoning, Text: shown, Opaque: []byte(item), OpaqueFrom: from}
}

func responsesRequests() []providertest.RequestCase {
	warm := 0.5
	const reasoning = `{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"}`
	return []providertest.RequestCase{
		{
			Name:    "plain",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","stream":true,"store":false,"input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]}]}`,
		},
		{
			Name: "everything set",
			Request: &provider.Request{
				Model: "gpt-6.2-sol", System: "Be brief.", MaxTokens: 100, OutputLimit: 8192, Temperature: &warm,
				Messages: []provider.Message{user(text("Hi")), assistant(text("Hello.")), user(text("Who?"))},
			},
			Body: `{"model":"gpt-6.2-sol","stream":true,"store":false,"instructions":"Be brief.","max_output_tokens":100,"temperature":0.5,
				"include":["reasoning.encrypted_content"],"input":[
				{"role":"user","content":[{"type":"input_text","text":"Hi"}]},
				{"role":"assistant","content":[{"type":"output_text","text":"Hello."}]},
				{"role":"user","content":[{"type":"input_text","text":"Who?"}]}]}`,
		},
		{
			Name:    "a limit under the API's least",
			Request: &provider.Request{Model: "m-1", MaxTokens: 1, Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","stream":true,"store":false,"max_output_tokens":16,"input":[{"role":"user","content":[{"type":"input_text","text":"Hi"}]}]}`,
		},
		{
			Name: "images, tools, own and others' reasoning, strangers",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("Look:"), picture),
				assistant(
					sealed("openai", reasoning, "shown"),
					text("I will."),
					provider.Part{Type: provider.ToolCall, CallID: "c1", Name: "zoom", Arguments: `{"by":2}`},
				),
				user(provider.Part{Type: provider.ToolResult, CallID: "c1", Text: "a cat"}, text("So?")),
				assistant(sealed("anthropic", `{"signature":"x"}`, "shown"), sealed("openai", `{"signature":"x"}`, ""), sealed("openai", `not JSON`, ""), text("A cat.")),
				assistant(sealed("openai", reasoning, "and nothing after it")),
				user(provider.Part{Type: "file_reference", Text: "not known here"}, text("Well?"), text("")),
			}},
			Body: `{"model":"m-1","stream":true,"store":false,"input":[
				{"role":"user","content":[{"type":"input_text","text":"Look:"},{"type":"input_image","image_url":"data:image/png;base64,iVBORw=="}]},
				` + reasoning + `,
				{"role":"assistant","content":[{"type":"output_text","text":"I will."}]},
				{"type":"function_call","call_id":"c1","name":"zoom","arguments":"{\"by\":2}"},
				{"type":"function_call_output","call_id":"c1","output":"a cat"},
				{"role":"user","content":[{"type":"input_text","text":"So?"}]},
				{"role":"assistant","content":[{"type":"output_text","text":"A cat."}]},
				{"role":"user","content":[{"type":"input_text","text":"Well?"}]}]}`,
		},
	}
}
