package gemini

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// apiError is Google's error object (google.rpc.Status in JSON).
type apiError struct {
	Message string `json:"message"`
	Status  string `json:"status"`
	Details []struct {
		Reason     string `json:"reason"`     // of an ErrorInfo
		RetryDelay string `json:"retryDelay"` // of a RetryInfo: "34.07s"
	} `json:"details"`
}

type errorBody struct {
	Error *apiError `json:"error"`
}

// explain reads an error response: an object, or an array that holds one.
func explain(_ int, body []byte) upstream.Trouble {
	in := make([]errorBody, 1)
	var err error
	if bytes.HasPrefix(bytes.TrimSpace(body), []byte{'['}) {
		err = json.Unmarshal(body, &in)
	} else {
		err = json.Unmarshal(body, &in[0])
	}
	if err != nil || len(in) == 0 || in[0].Error == nil {
		return upstream.Trouble{}
	}
	return in[0].Error.trouble()
}

// trouble says what an error means. One that the HTTP status explains as well
// has no kind: INTERNAL is an overload as a response, a failure within a stream.
func (e *apiError) trouble() upstream.Trouble {
	t := upstream.Trouble{Kind: e.kind(), Message: e.Message}
	for _, d := range e.Details {
		if wait, err := time.ParseDuration(d.RetryDelay); err == nil {
			t.RetryAfter = wait
		}
	}
	return t
}

func (e *apiError) kind() fault.Kind {
	for _, d := range e.Details {
		if d.Reason == "API_KEY_INVALID" { // comes as INVALID_ARGUMENT
			return fault.ProviderAuth
		}
	}
	switch e.Status {
	case "INVALID_ARGUMENT":
		return e.invalidKind()
	case "FAILED_PRECONDITION", "OUT_OF_RANGE":
		return fault.ProviderRefused
	case "UNAUTHENTICATED", "PERMISSION_DENIED":
		return fault.ProviderAuth
	case "NOT_FOUND":
		return e.notFoundKind()
	case "RESOURCE_EXHAUSTED":
		return e.exhaustedKind()
	case "UNAVAILABLE":
		return fault.ProviderOverloaded
	case "DEADLINE_EXCEEDED":
		return fault.ProviderTimeout
	}
	return fault.Internal
}

func (e *apiError) says(words string) bool {
	return strings.Contains(strings.ToLower(e.Message), words)
}

func (e *apiError) invalidKind() fault.Kind {
	switch {
	case e.says("exceeds the maximum number of tokens"):
		return fault.ContextTooLong
	case e.says("api key not valid"):
		return fault.ProviderAuth
	}
	return fault.ProviderRefused
}

// notFoundKind tells a wrong model from a wrong address.
func (e *apiError) notFoundKind() fault.Kind {
	if e.says("model") {
		return fault.ModelUnknown
	}
	return fault.ProviderRefused
}

// exhaustedKind tells what waiting cures from what it does not: no credit left,
// or a model of which the account has no allowance at all.
func (e *apiError) exhaustedKind() fault.Kind {
	if e.says("credits are depleted") || e.says("spending cap") || e.says("limit: 0,") || strings.HasSuffix(e.Message, "limit: 0") {
		return fault.ProviderQuota
	}
	return fault.ProviderRateLimited
}
