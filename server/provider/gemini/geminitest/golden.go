package geminitest

import (
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func answers() []providertest.AnswerCase {
	cases := []providertest.AnswerCase{
		{
			Name: "text", Stream: read("text.sse"),
			Want: providertest.Result{
				RequestID: "gRk3Zq",
				Parts:     []providertest.Part{{Type: provider.Text, Text: "Good day!"}},
				Usage:     provider.Usage{Input: 8, Output: 3},
				Finish:    provider.Stop,
			},
		},
		{
			Name: "thoughts, a signature, a cache", Stream: read("thinking.sse"),
			Want: providertest.Result{
				RequestID: "tHk",
				Parts: []providertest.Part{
					{Type: provider.Reasoning, Text: "**Multiplying** 27 by 453"},
					{Type: provider.Text, Text: "It is 12,231.", Opaque: "CrgBAR/MhbY="},
				},
				Usage:  provider.Usage{Input: 105, CachedRead: 3000, Output: 79, Reasoning: 70},
				Finish: provider.Stop,
			},
		},
		{
			Name: "tools", Stream: read("tool.sse"),
			Want: providertest.Result{
				RequestID: "tOOl",
				Parts: []providertest.Part{
					{Type: provider.Text, Text: "Looking."},
					{Type: provider.ToolCall, CallID: "call_tOOl_1", Name: "get_weather", Text: `{"location": "Ulm"}`, Opaque: "c2lnbmVk"},
					{Type: provider.ToolCall, CallID: "fc-2", Name: "get_time", Text: `{}`},
					{Type: provider.ToolCall, CallID: "call_tOOl_3", Name: "get_mood"},
				},
				Usage:  provider.Usage{Input: 60, Output: 20},
				Finish: provider.Tool,
			},
		},
		{
			Name: "prompt blocked", Stream: read("blocked.sse"),
			Want: providertest.Result{RequestID: "bLk", Usage: provider.Usage{Input: 12559}, Finish: provider.Filter},
		},
		{
			Name: "length", Stream: read("length.sse"),
			Want: providertest.Result{
				RequestID: "lEn",
				Parts:     []providertest.Part{{Type: provider.Text, Text: "Once upon"}},
				Usage:     provider.Usage{Input: 9, Output: 2},
				Finish:    provider.Length,
			},
		},
	}
	return append(cases, finishReasons()...)
}

// finishReasons are the ways to end that come without a recording of their own.
func finishReasons() []providertest.AnswerCase {
	var cases []providertest.AnswerCase
	for _, reason := range []string{
		"SAFETY", "RECITATION", "LANGUAGE", "OTHER", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY", "A_REASON_TO_COME",
	} {
		cases = append(cases, providertest.AnswerCase{
			Name:   "ended by " + reason,
			Stream: "data: " + frame("Half", "", nil).Data + "\n\ndata: " + frame("", reason, nil).Data + "\n\n",
			Want: providertest.Result{
				RequestID: "r-1",
				Parts:     []providertest.Part{{Type: provider.Text, Text: "Half"}},
				Finish:    provider.Filter,
			},
		})
	}
	return cases
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
			Request: &provider.Request{Model: "m-1", OutputLimit: 8192, Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}`,
		},
		{
			Name: "everything set",
			Request: &provider.Request{
				Model: "m-1", System: "Be brief.", MaxTokens: 100, Temperature: &warm,
				Messages: []provider.Message{user(text("Hi")), assistant(text("Hello.")), user(text("Who?"))},
			},
			Body: `{"systemInstruction":{"parts":[{"text":"Be brief."}]},"generationConfig":{"maxOutputTokens":100,"temperature":0.5},
				"contents":[{"role":"user","parts":[{"text":"Hi"}]},{"role":"model","parts":[{"text":"Hello."}]},{"role":"user","parts":[{"text":"Who?"}]}]}`,
		},
		{
			Name:    "a temperature of zero",
			Request: &provider.Request{Model: "m-1", Temperature: new(float64), Messages: []provider.Message{user(text("Hi"))}},
			Body:    `{"generationConfig":{"temperature":0},"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}`,
		},
		{
			Name: "neighbours merged, empty parts and strangers left out",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("a"), text("")), user(text("b")), assistant(text("")),
				assistant(provider.Part{Type: "file_reference", Text: "x"}), user(text("c")),
			}},
			Body: `{"contents":[{"role":"user","parts":[{"text":"a"},{"text":"b"},{"text":"c"}]}]}`,
		},
		{
			Name: "image",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(provider.Part{Type: provider.Image, MIME: "image/png", Data: []byte{0x89, 'P', 'N', 'G'}}, text("What is it?")),
			}},
			Body: `{"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"iVBORw=="}},{"text":"What is it?"}]}]}`,
		},
		{
			Name: "tools",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("Weather?")),
				assistant(
					provider.Part{Type: provider.ToolCall, CallID: "t1", Name: "weather", Arguments: `{"city":"Ulm"}`, Opaque: []byte("c2ln"), OpaqueFrom: "gemini"},
					provider.Part{Type: provider.ToolCall, CallID: "t2", Name: "time", Opaque: []byte("eHl6"), OpaqueFrom: "anthropic"},
				),
				user(
					provider.Part{Type: provider.ToolResult, CallID: "t1", Text: "rain"},
					provider.Part{Type: provider.ToolResult, CallID: "t2", Name: "clock", Text: "noon"},
				),
			}},
			Body: `{"contents":[{"role":"user","parts":[{"text":"Weather?"}]},
				{"role":"model","parts":[{"functionCall":{"id":"t1","name":"weather","args":{"city":"Ulm"}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"t2","name":"time"}}]},
				{"role":"user","parts":[{"functionResponse":{"id":"t1","name":"weather","response":{"result":"rain"}}},{"functionResponse":{"id":"t2","name":"clock","response":{"result":"noon"}}}]}]}`,
		},
		{
			Name: "thoughts go back sealed, and only home",
			Request: &provider.Request{Model: "m-1", Messages: []provider.Message{
				user(text("Hi")),
				assistant(
					provider.Part{Type: provider.Reasoning, Text: "Hm.", Opaque: []byte("c2ln"), OpaqueFrom: "gemini"},
					provider.Part{Type: provider.Reasoning, Text: "Foreign.", Opaque: []byte("eHl6"), OpaqueFrom: "anthropic"},
					provider.Part{Type: provider.Reasoning, Text: "Unsealed."},
					provider.Part{Type: provider.Text, Text: "Hello.", Opaque: []byte("dGV4dA=="), OpaqueFrom: "gemini"},
				),
				user(text("Who?")),
			}},
			Body: `{"contents":[{"role":"user","parts":[{"text":"Hi"}]},
				{"role":"model","parts":[{"text":"Hm.","thought":true,"thoughtSignature":"c2ln"},{"text":"Hello.","thoughtSignature":"dGV4dA=="}]},
				{"role":"user","parts":[{"text":"Who?"}]}]}`,
		},
	}
}

var models = []providertest.ModelsCase{
	{
		Name: "pages",
		Pages: []providertest.Page{
			{Path: "/v1beta/models?pageSize=1000", Body: `{"models":[
				{"name":"models/m-2","version":"002","displayName":"Model Two","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent","countTokens"],"thinking":true},
				{"name":"models/embedding-1","displayName":"Embedding","inputTokenLimit":2048,"outputTokenLimit":1,"supportedGenerationMethods":["embedContent"]}],
				"nextPageToken":"p/2"}`},
			{Path: "/v1beta/models?pageSize=1000&pageToken=p%2F2", Body: `{"models":[{"name":"models/m-1","supportedGenerationMethods":["generateContent"]}]}`},
		},
		Want: []provider.Model{
			{Provider: "gemini", Name: "m-2", Title: "Model Two", Context: 1_048_576, Output: 65_536, Reasoning: true},
			{Provider: "gemini", Name: "m-1"},
		},
	},
	{Name: "none", Pages: []providertest.Page{{Path: "/v1beta/models?pageSize=1000", Body: `{}`}}},
}
