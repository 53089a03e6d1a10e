package geminitest

import (
	"fmt"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func body(code int, status, message string) string {
	return detailed(code, status, message, "")
}

func detailed(code int, status, message, details string) string {
	return fmt.Sprintf("{\n  \"error\": {\n    \"code\": %d,\n    \"message\": %q,\n    \"status\": %q,\n    \"details\": [%s]\n  }\n}\n", code, message, status, details)
}

const (
	keyInvalid = `{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com", "metadata": {"service": "generativelanguage.googleapis.com"}}`
	retryInfo  = `{"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}]}, {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34.5s"}`
)

var refusals = []providertest.Refusal{
	{Name: "invalid argument", Status: 400, Body: body(400, "INVALID_ARGUMENT", "Unknown name \"x\": Cannot find field."), Want: fault.ProviderRefused, Says: "Cannot find field"},
	{Name: "in an array", Status: 400, Body: "[" + body(400, "INVALID_ARGUMENT", "Bad request.") + "]", Want: fault.ProviderRefused, Says: "Bad request"},
	{Name: "key not valid", Status: 400, Body: detailed(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", keyInvalid), Want: fault.ProviderAuth, Says: "GEMINI_API_KEY"},
	{Name: "key not valid, without details", Status: 400, Body: body(400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."), Want: fault.ProviderAuth, Says: "GEMINI_API_KEY"},
	{Name: "prompt too long", Status: 400, Body: body(400, "INVALID_ARGUMENT", "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."), Want: fault.ContextTooLong, Says: "1200000"},
	{Name: "location", Status: 400, Body: body(400, "FAILED_PRECONDITION", "User location is not supported for the API use."), Want: fault.ProviderRefused, Says: "location"},
	{Name: "unauthenticated", Status: 401, Body: body(401, "UNAUTHENTICATED", "Request had invalid authentication credentials."), Want: fault.ProviderAuth, Says: "GEMINI_API_KEY"},
	{Name: "permission denied", Status: 403, Body: body(403, "PERMISSION_DENIED", "Generative Language API has not been used in this project."), Want: fault.ProviderAuth, Says: "has not been used"},
	{Name: "model not found", Status: 404, Body: body(404, "NOT_FOUND", "models/test-model-1 is not found for API version v1beta, or is not supported for generateContent."), Want: fault.ModelUnknown, Says: "test-model-1"},
	{Name: "address not found", Status: 404, Body: body(404, "NOT_FOUND", "Requested entity was not found."), Want: fault.ProviderRefused},
	{Name: "rate limit", Status: 429, Body: detailed(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota, please check your plan and billing details.\n* Quota exceeded for metric: requests, limit: 10, model: m\nPlease retry in 34.5s.", retryInfo), Want: fault.ProviderRateLimited, RetryAfter: 34500 * time.Millisecond, Says: "quota"},
	{Name: "rate limit in an array", Status: 429, Body: "[" + detailed(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota).", retryInfo) + "]", Want: fault.ProviderRateLimited, RetryAfter: 34500 * time.Millisecond},
	{Name: "no allowance", Status: 429, Body: body(429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.\n* Quota exceeded for metric: free_tier_requests, limit: 0, model: m"), Want: fault.ProviderQuota, Says: "limit: 0"},
	{Name: "no credit", Status: 429, Body: body(429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."), Want: fault.ProviderQuota, Says: "depleted"},
	{Name: "internal", Status: 500, Body: body(500, "INTERNAL", "An internal error has occurred."), Want: fault.ProviderOverloaded},
	{Name: "unavailable", Status: 503, Body: body(503, "UNAVAILABLE", "The model is overloaded. Please try again later."), Want: fault.ProviderOverloaded, Says: "overloaded"},
	{Name: "deadline exceeded", Status: 504, Body: body(504, "DEADLINE_EXCEEDED", "The request timed out."), Want: fault.ProviderTimeout},
	{Name: "an error under status 200", Status: 200, Body: "[" + body(503, "UNAVAILABLE", "Overloaded.") + "]", Want: fault.ProviderOverloaded},
	{Name: "an empty array", Status: 503, Body: "[]", Want: fault.ProviderOverloaded},
}

func streamErrors() []providertest.StreamError {
	var all []providertest.StreamError
	for _, e := range []struct {
		code   int
		status string
		want   fault.Kind
	}{
		{503, "UNAVAILABLE", fault.ProviderOverloaded},
		{500, "INTERNAL", fault.ProviderFailed},
		{429, "RESOURCE_EXHAUSTED", fault.ProviderRateLimited},
		{400, "INVALID_ARGUMENT", fault.ProviderRefused},
		{403, "PERMISSION_DENIED", fault.ProviderAuth},
		{504, "DEADLINE_EXCEEDED", fault.ProviderTimeout},
		{499, "CANCELLED", fault.ProviderFailed},
	} {
		data := fmt.Sprintf(`{"error":{"code":%d,"message":"It went wrong","status":%q}}`, e.code, e.status)
		all = append(all, providertest.StreamError{Name: e.status, Want: e.want, Frames: []providertest.Frame{{Data: data}}})
	}
	for _, reason := range []string{"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"} {
		all = append(all, providertest.StreamError{
			Name: reason, Want: fault.ProviderFailed, Frames: []providertest.Frame{frame("", reason, nil)},
		})
	}
	return all
}
