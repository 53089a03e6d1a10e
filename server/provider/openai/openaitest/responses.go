package openaitest

import (
	"net/http"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

// Responses is OpenAI's Responses API.
func Responses() providertest.Vendor {
	return providertest.Vendor{
		Provider: "openai",
		API:      provider.OpenAIResponses,
		New: func(c *http.Client) provider.Provider {
			return openai.NewResponses(openai.Options{HTTP: c})
		},
		Suffix:       "/v1",
		Path:         func(string) string { return "/v1/responses" },
		Header:       bearer,
		Stream:       responsesStream,
		Noise:        responsesNoise,
		StreamErrors: responsesErrors,
		Refusals:     refusals,
		Requests:     responsesRequests(),
		Answers:      responsesAnswers(),
		Models:       models("openai"),
	}
}

func responsesStream(s providertest.Script) []providertest.Frame {
	item := object{"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []any{}}
	part := object{"type": "output_text", "text": "", "annotations": []any{}}
	frames := []providertest.Frame{
		event("response.created", object{"response": object{"id": "resp_1", "status": "in_progress", "usage": nil, "error": nil}}),
		event("response.in_progress", object{"response": object{"id": "resp_1", "status": "in_progress"}}),
		event("response.output_item.added", object{"output_index": 0, "item": item}),
		event("response.content_part.added", object{"item_id": "msg_1", "output_index": 0, "content_index": 0, "part": part}),
	}
	for _, t := range s.Text {
		frames = append(frames, event("response.output_text.delta", object{
			"item_id": "msg_1", "output_index": 0, "content_index": 0, "delta": t, "logprobs": []any{},
		}))
	}
	end, response := "response.completed", object{"id": "resp_1", "status": "completed", "error": nil, "incomplete_details": nil}
	if s.Finish == provider.Length {
		end, response["status"] = "response.incomplete", "incomplete"
		response["incomplete_details"] = object{"reason": "max_output_tokens"}
	}
	if u := s.Usage; u != nil {
		response["usage"] = object{
			"input_tokens": u.Input + u.CachedRead, "input_tokens_details": object{"cached_tokens": u.CachedRead},
			"output_tokens": u.Output, "output_tokens_details": object{"reasoning_tokens": u.Reasoning},
		}
	}
	return append(frames,
		event("response.output_text.done", object{"item_id": "msg_1", "output_index": 0, "content_index": 0, "text": "as above"}),
		event("response.content_part.done", object{"item_id": "msg_1", "output_index": 0, "content_index": 0, "part": part}),
		event("response.output_item.done", object{"output_index": 0, "item": item}),
		event(end, object{"response": response}),
	)
}

// event is one whose type stands in its name and in its data.
func event(name string, data object) providertest.Frame {
	data["type"] = name
	return providertest.Frame{Name: name, Data: encode(data)}
}

var responsesNoise = []providertest.Frame{
	{Name: "keepalive", Data: `{"type":"keepalive","sequence_number":3}`},
	{Name: "response.web_search_call.searching", Data: `{"type":"response.web_search_call.searching","output_index":9,"item":7}`},
	{Data: `{"type":"response.of.tomorrow","delta":{"not":"a string"}}`},
	{Data: `[DONE]`},
}
