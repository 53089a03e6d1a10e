package anthropictest

import (
	"fmt"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider/providertest"
)

func body(kind, message string) string {
	return fmt.Sprintf(`{"type":"error","error":{"type":%q,"message":%q},"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}`, kind, message)
}

var refusals = []providertest.Refusal{
	{Name: "invalid request", Status: 400, Body: body("invalid_request_error", "max_tokens: must be greater than 0"), Want: fault.ProviderRefused, Says: "max_tokens"},
	{Name: "prompt too long", Status: 400, Body: body("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"), Want: fault.ContextTooLong, Says: "210000"},
	{Name: "prompt and answer too long", Status: 400, Body: body("invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"), Want: fault.ContextTooLong},
	{Name: "no credit", Status: 400, Body: body("invalid_request_error", "Your credit balance is too low to access the API."), Want: fault.ProviderQuota, Says: "credit"},
	{Name: "spend limit", Status: 400, Body: body("invalid_request_error", "You have reached your specified API usage limits."), Want: fault.ProviderQuota, Says: "limits"},
	{Name: "authentication", Status: 401, Body: body("authentication_error", "invalid x-api-key"), Want: fault.ProviderAuth, Says: "ANTHROPIC_API_KEY"},
	{Name: "billing", Status: 402, Body: body("billing_error", "Check your payment details."), Want: fault.ProviderQuota, Says: "payment"},
	{Name: "permission", Status: 403, Body: body("permission_error", "Your API key may not use this resource."), Want: fault.ProviderAuth, Says: "may not use"},
	{Name: "model not found", Status: 404, Body: body("not_found_error", "model: test-model-1"), Want: fault.ModelUnknown, Says: "test-model-1"},
	{Name: "address not found", Status: 404, Body: body("not_found_error", "Not Found"), Want: fault.ProviderRefused},
	{Name: "request too large", Status: 413, Body: body("request_too_large", "Request exceeds the maximum size"), Want: fault.ContextTooLong},
	{Name: "rate limit", Status: 429, Header: map[string]string{"Retry-After": "12"}, Body: body("rate_limit_error", "Number of request tokens has exceeded your per-minute rate limit"), Want: fault.ProviderRateLimited, RetryAfter: 12 * time.Second, Says: "per-minute"},
	{Name: "internal", Status: 500, Body: body("api_error", "Internal server error"), Want: fault.ProviderOverloaded},
	{Name: "gateway timeout", Status: 504, Body: body("timeout_error", "Request timeout"), Want: fault.ProviderTimeout},
	{Name: "overloaded", Status: 529, Body: body("overloaded_error", "Overloaded"), Want: fault.ProviderOverloaded, Says: "Overloaded"},
	{Name: "an error under status 200", Status: 200, Body: body("overloaded_error", "Overloaded"), Want: fault.ProviderOverloaded},
	{Name: "an error type to come", Status: 409, Body: body("conflict_error", "Something else changed it"), Want: fault.ProviderRefused, Says: "changed"},
}

func streamErrors() []providertest.StreamError {
	var all []providertest.StreamError
	for _, e := range []struct {
		kind string
		want fault.Kind
	}{
		{"overloaded_error", fault.ProviderOverloaded},
		{"rate_limit_error", fault.ProviderRateLimited},
		{"api_error", fault.ProviderFailed},
		{"timeout_error", fault.ProviderTimeout},
		{"invalid_request_error", fault.ProviderRefused},
		{"authentication_error", fault.ProviderAuth},
		{"permission_error", fault.ProviderAuth},
		{"billing_error", fault.ProviderQuota},
		{"request_too_large", fault.ContextTooLong},
		{"error_to_come", fault.ProviderFailed},
	} {
		all = append(all, providertest.StreamError{
			Name: e.kind, Want: e.want,
			Frames: []providertest.Frame{{Name: "error", Data: body(e.kind, "It went wrong")}},
		})
	}
	return append(all, providertest.StreamError{
		Name: "without a body", Want: fault.ProviderFailed,
		Frames: []providertest.Frame{{Name: "error", Data: `{"type":"error"}`}},
	})
}
