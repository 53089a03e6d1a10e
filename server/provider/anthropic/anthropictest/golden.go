package anthropictest

import (
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func answers() []providertest.AnswerCase {
	requestID := map[string]string{"Request-Id": "req_018EeWyXxfu5pfWkrYcMdjWG"}
	return []providertest.AnswerCase{
		{
			Name: "text", Stream: read("text.sse"), Header: requestID,
			Want: providertest.Result{
				RequestID: "req_018EeWyXxfu5pfWkrYcMdjWG",
				Parts:     []providertest.Part{{Type: provider.Text, Text: "Good day!"}},
				Usage:     provider.Usage{Input: 25, Output: 15},
				Finish:    provider.Stop,
			},
		},
		{
			Name: "thinking, sealed and unseen, with a cache", Stream: read("thinking.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.Reasoning, Text: "27 times 453 is 12231.", Opaque: `{"signature":"EqQBCgIYAhIM1gbcDa9GJwZA2b3h"}`},
					{Opaque: `{"redacted":"EmwKAhgBEgy3va3pzix"}`},
					{Opaque: `{"signature":"UnseenThought"}`},
					{Type: provider.Text, Text: "It is 12,231."},
				},
				Usage:  provider.Usage{Input: 40, CachedRead: 3000, CachedWrite: 100, Output: 89, Reasoning: 70},
				Finish: provider.Stop,
			},
		},
		{
			Name: "tools", Stream: read("tool.sse"),
			Want: providertest.Result{
				Parts: []providertest.Part{
					{Type: provider.Text, Text: "I will look."},
					{Type: provider.ToolCall, CallID: "toolu_01A", Name: "get_weather", Text: `{"location": "San Francisco"}`},
					{Type: provider.ToolCall, CallID: "toolu_01B", Name: "get_time"},
				},
				Usage:  provider.Usage{Input: 472, Output: 89},
				Finish: provider.Tool,
			},
		},
		{
			Name: "refusal", Stream: read("refusal.sse"),
			Want: providertest.Result{Usage: provider.Usage{Input: 30, Output: 1}, Finish: provider.Refusal},
		},
		{
			Name: "length", Stream: read("length.sse"),
			Want: providertest.Result{
				Parts:  []providertest.Part{{Type: provider.Text, Text: "Once upon"}},
				Usage:  provider.Usage{Input: 9, Output: 2},
				Finish: provider.Length,
			},
		},
	}
}

func text(s string) provider.Part { return provider.Part{Type: provider.Text, Text: s} }

func user(parts ...provider.Part) provider.Message {
	return provider.Message{Role: provider.User, Parts: parts}
}

func assistant(parts ...provider.Part) provider.Message {
	return provider.Message{Role: provider.Assistant, Parts: parts}
}

func requests() []providertest.RequestCase {
	warm := 0.5
	return []providertest.RequestCase{
		{
			Name:    "plain",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","max_tokens":4096,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}`,
		},
		{
			Name: "everything set",
			Request: &provider.Request{
				Model: "m-1", System: "Be brief.", MaxTokens: 100, OutputLimit: 8192, Temperature: &warm,
				Messages: []provider.Message{user(text("Hi")), assistant(text("Hello.")), user(text("Who?"))},
			},
			Body: `{"model":"m-1","max_tokens":100,"system":"Be brief.","temperature":0.5,"stream":true,"messages":[
				{"role":"user","content":[{"type":"text","text":"Hi"}]},
				{"role":"assistant","content":[{"type":"text","text":"Hello."}]},
				{"role":"user","content":[{"type":"text","text":"Who?"}]}]}`,
		},
		{
			Name:    "the model's own limit, a temperature of zero",
			Request: &provider.Request{Model: "m-1", OutputLimit: 64000, Temperature: new(float64), Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"model":"m-1","max_tokens":64000,"temperature":0,"stream":true,"messages":[{"role":"user","content":[{"type":"text","text":"Hi"}]}]}`,
		},
		{
			Name: "neighbours merged, blanks and strangers left out",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("a"), text(" \n")), user(text("b")), assistant(text("")), user(text("c")),
				assistant(provider.Part{Type: "file_reference", Text: "x"}), user(text("d")),
			}},
			Body: `{"model":"m-1","max_tokens":4096,"stream":true,"messages":[{"role":"user","content":[
				{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"text","text":"c"},{"type":"text","text":"d"}]}]}`,
		},
		{
			Name: "image",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(provider.Part{Type: provider.Image, MIME: "image/png", Data: []byte{0x89, 'P', 'N', 'G'}}, text("What is it?")),
			}},
			Body: `{"model":"m-1","max_tokens":4096,"stream":true,"messages":[{"role":"user","content":[
				{"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw=="}},{"type":"text","text":"What is it?"}]}]}`,
		},
		{
			Name: "tools",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("Weather?")),
				assistant(
					provider.Part{Type: provider.ToolCall, CallID: "t1", Name: "weather", Arguments: `{"city":"Ulm"}`},
					provider.Part{Type: provider.ToolCall, CallID: "t2", Name: "time"},
				),
				user(
					provider.Part{Type: provider.ToolResult, CallID: "t1", Text: "rain"},
					provider.Part{Type: provider.ToolResult, CallID: "t2"},
				),
			}},
			Body: `{"model":"m-1","max_tokens":4096,"stream":true,"messages":[
				{"role":"user","content":[{"type":"text","text":"Weather?"}]},
				{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Ulm"}},{"type":"tool_use","id":"t2","name":"time","input":{}}]},
				{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"rain"},{"type":"tool_result","tool_use_id":"t2"}]}]}`,
		},
		{
			Name: "thinking goes back sealed, and only home",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("Hi")),
				assistant(
					provider.Part{Type: provider.Reasoning, Text: "Hm.", Opaque: []byte(`{"signature":"sig"}`), OpaqueFrom: "anthropic"},
					provider.Part{Type: provider.Reasoning, Opaque: []byte(`{"signature":"unseen"}`), OpaqueFrom: "anthropic"},
					provider.Part{Type: provider.Reasoning, Opaque: []byte(`{"redacted":"xyz"}`), OpaqueFrom: "anthropic"},
					provider.Part{Type: provider.Reasoning, Text: "Foreign.", Opaque: []byte(`{"signature":"other"}`), OpaqueFrom: "openai"},
					provider.Part{Type: provider.Reasoning, Text: "Unsealed."},
					text("Hello."),
				),
				user(text("Who?")),
			}},
			Body: `{"model":"m-1","max_tokens":4096,"stream":true,"messages":[
				{"role":"user","content":[{"type":"text","text":"Hi"}]},
				{"role":"assistant","content":[{"type":"thinking","thinking":"Hm.","signature":"sig"},{"type":"thinking","thinking":"","signature":"unseen"},
					{"type":"redacted_thinking","data":"xyz"},{"type":"text","text":"Hello."}]},
				{"role":"user","content":[{"type":"text","text":"Who?"}]}]}`,
		},
	}
}

var models = []providertest.ModelsCase{
	{
		Name: "pages",
		Pages: []providertest.Page{
			{Path: "/v1/models?limit=1000", Body: `{"data":[{"type":"model","id":"m-2","display_name":"Model Two","created_at":"2026-02-04T00:00:00Z",
				"max_input_tokens":1000000,"max_tokens":128000,"capabilities":{"image_input":{"supported":true},"thinking":{"supported":true,"types":{}}}}],
				"has_more":true,"first_id":"m-2","last_id":"m-2"}`},
			{Path: "/v1/models?after_id=m-2&limit=1000", Body: `{"data":[{"type":"model","id":"m-1","display_name":"Model One","created_at":"2024-10-22T00:00:00Z","capabilities":null}],
				"has_more":false,"first_id":"m-1","last_id":"m-1"}`},
		},
		Want: []provider.Model{
			{Provider: "anthropic", Name: "m-2", Title: "Model Two", Context: 1_000_000, Output: 128_000, Images: true, Reasoning: true},
			{Provider: "anthropic", Name: "m-1", Title: "Model One"},
		},
	},
	{Name: "none", Pages: []providertest.Page{{Path: "/v1/models?limit=1000", Body: `{"data":[],"has_more":false,"first_id":null,"last_id":null}`}}},
}
