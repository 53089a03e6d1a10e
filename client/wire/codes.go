package wire

// Code is a stable error code. A server may send a code that a client does not
// know: the HTTP status says enough then.
type Code string

// The codes.
const (
	Internal            Code = "internal"
	InvalidRequest      Code = "invalid_request"
	TextInvalid         Code = "text_invalid"
	CursorInvalid       Code = "cursor_invalid"
	TooLarge            Code = "too_large"
	NotFound            Code = "not_found"
	IDConflict          Code = "id_conflict"
	TurnRunning         Code = "turn_running"
	ModelUnknown        Code = "model_unknown"
	NoKey               Code = "no_key"
	ContextTooLong      Code = "context_too_long"
	SyncReset           Code = "sync_reset"
	ClientTooOld        Code = "client_too_old"
	Unauthenticated     Code = "unauthenticated"
	Forbidden           Code = "forbidden"
	QuotaExhausted      Code = "quota_exhausted"
	RateLimited         Code = "rate_limited"
	Unavailable         Code = "unavailable"
	Timeout             Code = "timeout"
	Cancelled           Code = "cancelled"
	Interrupted         Code = "interrupted"
	ProviderAuth        Code = "provider_auth"
	ProviderRateLimited Code = "provider_rate_limited"
	ProviderQuota       Code = "provider_quota"
	ProviderOverloaded  Code = "provider_overloaded"
	ProviderRefused     Code = "provider_refused"
	ProviderUnreachable Code = "provider_unreachable"
	ProviderTimeout     Code = "provider_timeout"
	ProviderTruncated   Code = "provider_truncated"
	ProviderMalformed   Code = "provider_malformed"
	ProviderFailed      Code = "provider_failed"
)

// Codes lists every code, for tables that must be total.
func Codes() []Code {
	return []Code{
		Internal, InvalidRequest, TextInvalid, CursorInvalid, TooLarge, NotFound, IDConflict, TurnRunning,
		ModelUnknown, NoKey, ContextTooLong, SyncReset, ClientTooOld, Unauthenticated, Forbidden, QuotaExhausted,
		RateLimited, Unavailable, Timeout, Cancelled, Interrupted, ProviderAuth, ProviderRateLimited, ProviderQuota,
		ProviderOverloaded, ProviderRefused, ProviderUnreachable, ProviderTimeout, ProviderTruncated,
		ProviderMalformed, ProviderFailed,
	}
}

// Problem is an error answer: application/problem+json, RFC 9457. Type is
// omitted: it is about:blank, and Code says more.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`

	// Detail is a sentence that a person can act on.
	Detail string `json:"detail"`

	Code Code `json:"code"`

	// Subject names the thing it is about where a program needs it: the running
	// turn's id, the field at fault.
	Subject string `json:"subject,omitempty"`

	// RetryAfter is in seconds, rounded up; 0: unknown.
	RetryAfter int64 `json:"retry_after,omitempty"`
}

// ProblemType is Problem's media type.
const ProblemType = "application/problem+json"
