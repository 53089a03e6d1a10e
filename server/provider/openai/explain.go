package openai

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// wireError is an error as OpenAI and its kin report it.
type wireError struct {
	Message loose `json:"message"`
	Type    loose `json:"type"`
	Code    loose `json:"code"`
}

// loose is a string that some servers send as a number, or as something else
// altogether; what is no string is kept as its JSON.
type loose string

// UnmarshalJSON implements json.Unmarshaler; it does not fail.
func (l *loose) UnmarshalJSON(b []byte) error {
	var s *string
	if err := json.Unmarshal(b, &s); err != nil {
		*l = loose(b)
	} else if s != nil {
		*l = loose(*s)
	}
	return nil
}

// explain reads an error body in any of the shapes that are about:
//
//	{"error": {"message": …, "type": …, "code": …}}   OpenAI, OpenRouter, llama.cpp
//	[{"error": {…}}]                                  Gemini's compatible address
//	{"error": "…"}                                    Ollama
//	{"object": "error", "message": …, "type": …}      vLLM before 0.11
//	{"detail": "…"} or {"detail": [{"msg": "…"}]}     FastAPI servers
//	"…", or plain text                                proxies
func explain(status int, body []byte) upstream.Trouble {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		var list []json.RawMessage
		if json.Unmarshal(body, &list) == nil && len(list) > 0 {
			body = list[0]
		}
	}
	e := readError(body)
	if e.Message == "" && e.Type == "" && e.Code == "" {
		return upstream.Trouble{Message: plainText(status, body)}
	}
	return e.trouble(status)
}

func readError(body []byte) (e wireError) {
	var outer struct {
		wireError
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	if json.Unmarshal(body, &outer) != nil {
		return e
	}
	switch {
	case len(outer.Error) > 0 && outer.Error[0] == '{':
		_ = json.Unmarshal(outer.Error, &e) // its fields take anything
		return e
	case len(outer.Error) > 0 && outer.Error[0] == '"':
		_ = e.Message.UnmarshalJSON(outer.Error) // does not fail
		return e
	case len(outer.Detail) > 0:
		return wireError{Message: detail(outer.Detail)}
	}
	return outer.wireError
}

// detail is FastAPI's: a sentence, or what validation found.
func detail(b []byte) (sentence loose) {
	var findings []struct {
		Msg loose `json:"msg"`
	}
	if json.Unmarshal(b, &findings) == nil && len(findings) > 0 {
		return findings[0].Msg
	}
	_ = sentence.UnmarshalJSON(b) // does not fail
	return sentence
}

// plainText is what a body that is no error object says, if it is a sentence at
// all and no page.
func plainText(status int, body []byte) string {
	if status/100 == 2 || len(body) == 0 || strings.IndexByte("<{[", body[0]) >= 0 {
		return ""
	}
	var s loose
	_ = s.UnmarshalJSON(body) // does not fail
	return string(s)
}

func (e wireError) trouble(status int) upstream.Trouble {
	t := upstream.Trouble{Kind: e.kind(status), Message: string(e.Message)}
	if t.Kind == fault.ProviderRateLimited {
		t.RetryAfter = retryIn(t.Message)
	}
	return t
}

// kind reads the code first, as the finest, then the sentence, for servers that
// have none, then the type.
func (e wireError) kind(status int) fault.Kind {
	if kind := kindOfWord(status, e.Code); kind != fault.Internal {
		return kind
	}
	if kind := kindOfSentence(status, strings.ToLower(string(e.Message))); kind != fault.Internal {
		return kind
	}
	if kind := kindOfWord(status, e.Type); kind != fault.Internal {
		return kind
	}
	if code, err := strconv.Atoi(string(e.Code)); err == nil && status/100 == 2 {
		return upstream.KindOf(code) // OpenRouter and vLLM give a status within the stream
	}
	return fault.Internal
}

// kindOfWord looks a code or a type up. That a request was refused is the least
// that any of them says, and a status, where there is one, says it better.
func kindOfWord(status int, word loose) fault.Kind {
	kind := kinds[string(word)]
	if kind == fault.ProviderRefused && status/100 != 2 {
		return fault.Internal
	}
	return kind
}

var kinds = map[string]fault.Kind{
	"invalid_api_key":                fault.ProviderAuth,
	"authentication_error":           fault.ProviderAuth,
	"insufficient_quota":             fault.ProviderQuota,
	"billing_hard_limit_reached":     fault.ProviderQuota,
	"billing_not_active":             fault.ProviderQuota,
	"insufficient_balance":           fault.ProviderQuota,
	"rate_limit_exceeded":            fault.ProviderRateLimited,
	"rate_limit_error":               fault.ProviderRateLimited,
	"model_not_found":                fault.ModelUnknown,
	"context_length_exceeded":        fault.ContextTooLong,
	"exceed_context_size_error":      fault.ContextTooLong, // llama.cpp
	"server_error":                   fault.ProviderOverloaded,
	"server_overloaded":              fault.ProviderOverloaded,
	"overloaded_error":               fault.ProviderOverloaded,
	"service_unavailable":            fault.ProviderOverloaded,
	"slow_down":                      fault.ProviderOverloaded,
	"insufficient_system_resource":   fault.ProviderOverloaded, // DeepSeek
	"content_filter":                 fault.ProviderRefused,
	"content_policy_violation":       fault.ProviderRefused,
	"invalid_prompt":                 fault.ProviderRefused,
	"invalid_request_error":          fault.ProviderRefused,
	"unsupported_parameter":          fault.ProviderRefused,
	"unsupported_value":              fault.ProviderRefused,
	"image_content_policy_violation": fault.ProviderRefused,
}

// kindOfSentence knows the two refusals that change what the user does next and
// that servers without codes tell in words only.
func kindOfSentence(status int, words string) fault.Kind {
	switch {
	case strings.Contains(words, "maximum context length"), // vLLM
		strings.Contains(words, "context size"), // llama.cpp
		strings.Contains(words, "context window") && strings.Contains(words, "exceed"):
		return fault.ContextTooLong
	case status == http.StatusNotFound && strings.Contains(words, "model"), // Ollama, vLLM
		strings.Contains(words, "not a valid model"): // OpenRouter
		return fault.ModelUnknown
	}
	return fault.Internal
}

// retryIn reads the wait from OpenAI's sentence on rate limits, "Please try
// again in 1.242s."; zero where it is not there.
func retryIn(message string) time.Duration {
	_, after, ok := strings.Cut(message, "try again in ")
	if !ok {
		return 0
	}
	word, _, _ := strings.Cut(after, " ")
	wait, err := time.ParseDuration(strings.TrimRight(word, ".,"))
	if err != nil {
		return 0
	}
	return max(wait, 0)
}

// choiceTrouble reads the error that OpenRouter puts into a choice; without one
// it is unknown trouble.
func choiceTrouble(data []byte) upstream.Trouble {
	var chunk struct {
		Error   *wireError `json:"error"`
		Choices []struct {
			Error *wireError `json:"error"`
		} `json:"choices"`
	}
	if json.Unmarshal(data, &chunk) != nil {
		return upstream.Trouble{}
	}
	for _, choice := range chunk.Choices {
		if choice.Error != nil {
			return choice.Error.trouble(http.StatusOK)
		}
	}
	return upstream.Trouble{}
}
