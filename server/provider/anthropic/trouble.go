package anthropic

import (
	"encoding/json"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

type apiError struct {
	Type    string `json:"type"`
	Message string `json:"message"`
}

// explain reads an error response.
func explain(_ int, body []byte) upstream.Trouble {
	var in struct {
		Error *apiError `json:"error"`
	}
	if json.Unmarshal(body, &in) != nil {
		return upstream.Trouble{}
	}
	return in.Error.trouble()
}

// trouble says what an error means. One that the status explains as well has no
// kind: api_error is an overload as a response, a failure within a stream.
func (e *apiError) trouble() upstream.Trouble {
	if e == nil {
		return upstream.Trouble{}
	}
	return upstream.Trouble{Kind: e.kind(), Message: e.Message}
}

func (e *apiError) kind() fault.Kind {
	switch e.Type {
	case "invalid_request_error":
		return invalidKind(e.Message)
	case "authentication_error", "permission_error":
		return fault.ProviderAuth
	case "billing_error":
		return fault.ProviderQuota
	case "not_found_error":
		return notFoundKind(e.Message)
	case "request_too_large":
		return fault.ContextTooLong
	case "rate_limit_error":
		return fault.ProviderRateLimited
	case "timeout_error":
		return fault.ProviderTimeout
	case "overloaded_error":
		return fault.ProviderOverloaded
	}
	return fault.Internal
}

// invalidKind finds out what is behind the type that stands for many things;
// only the sentence tells.
func invalidKind(message string) fault.Kind {
	message = strings.ToLower(message)
	for _, known := range []struct {
		words string
		kind  fault.Kind
	}{
		{"prompt is too long", fault.ContextTooLong},
		{"exceed context limit", fault.ContextTooLong},
		{"credit balance", fault.ProviderQuota},
		{"usage limits", fault.ProviderQuota},
	} {
		if strings.Contains(message, known.words) {
			return known.kind
		}
	}
	return fault.ProviderRefused
}

// notFoundKind tells a wrong model from a wrong address.
func notFoundKind(message string) fault.Kind {
	if strings.HasPrefix(message, "model:") {
		return fault.ModelUnknown
	}
	return fault.ProviderRefused
}
