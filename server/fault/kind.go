package fault

// Kind says what went wrong, finely enough for a program to act on it. Each
// kind has exactly one code on the wire and one exit status in the command.
type Kind uint8

// The kinds. Internal is the zero value on purpose: what nobody classified is
// our mistake.
const (
	Internal Kind = iota

	// What the caller sent.
	Invalid       // malformed or out of range
	TextInvalid   // invalid UTF-8 or NUL in a text
	CursorInvalid // a malformed or foreign page cursor
	TooLarge      // a body or a text over its limit
	NotFound      // no such thing, or not yours: they look the same
	IDConflict    // the same id was used before for something else
	TurnRunning   // the conversation already runs a turn; Subject is its id
	ModelUnknown  // no such model
	NoKey         // the model's provider has no key
	ContextTooLong
	SyncReset    // the asked-for past is gone: pull everything anew
	ClientTooOld // the caller speaks an older contract than we accept

	// Who the caller is and what it may do.
	Unauthenticated
	Forbidden
	QuotaExhausted
	RateLimited

	// The server's own state.
	Unavailable // shutting down, or the database is away
	Timeout
	Canceled
	Interrupted // the process that ran the turn died

	// What the model's provider did.
	ProviderAuth        // refused its key
	ProviderRateLimited // its 429
	ProviderQuota       // its account has no credit
	ProviderOverloaded  // 5xx, 529
	ProviderRefused     // called our request malformed or not allowed
	ProviderUnreachable // no connection
	ProviderTimeout     // silence for too long
	ProviderTruncated   // ended before its end marker
	ProviderMalformed   // sent what its own documentation does not allow
	ProviderFailed      // an error of its own in mid-answer

	kinds // the number of kinds
)

// Kinds lists every kind, for tables that must be total.
func Kinds() []Kind {
	all := make([]Kind, kinds)
	for i := range all {
		all[i] = Kind(i)
	}
	return all
}

type kindText struct{ name, sentence string }

var kindTexts = [kinds]kindText{
	Internal:            {"internal", "Something went wrong on the server; it has been logged."},
	Invalid:             {"invalid_request", "The request is not valid."},
	TextInvalid:         {"text_invalid", "The text holds bytes that are not valid UTF-8, or a NUL."},
	CursorInvalid:       {"cursor_invalid", "The page cursor is not valid here; start again from the first page."},
	TooLarge:            {"too_large", "That is larger than the server accepts."},
	NotFound:            {"not_found", "There is no such thing here."},
	IDConflict:          {"id_conflict", "That id is already used for something else."},
	TurnRunning:         {"turn_running", "This conversation is still answering; wait for it or stop it first."},
	ModelUnknown:        {"model_unknown", "There is no model of that name; see the list of models."},
	NoKey:               {"no_key", "The server has no key for that model's provider."},
	ContextTooLong:      {"context_too_long", "The prompt does not fit the model's context window."},
	SyncReset:           {"sync_reset", "The asked-for history is gone; pull everything anew."},
	ClientTooOld:        {"client_too_old", "This client is too old for the server; please update it."},
	Unauthenticated:     {"unauthenticated", "Please sign in."},
	Forbidden:           {"forbidden", "You may not do that."},
	QuotaExhausted:      {"quota_exhausted", "The plan's allowance is used up."},
	RateLimited:         {"rate_limited", "Too many requests; try again in a moment."},
	Unavailable:         {"unavailable", "The server is not available right now; try again in a moment."},
	Timeout:             {"timeout", "That took too long."},
	Canceled:            {"cancelled", "The turn was cancelled."},
	Interrupted:         {"interrupted", "The server stopped while it was answering; what had arrived is kept."},
	ProviderAuth:        {"provider_auth", "The model's provider refused the key."},
	ProviderRateLimited: {"provider_rate_limited", "The model's provider is limiting requests; try again later."},
	ProviderQuota:       {"provider_quota", "The account at the model's provider has no credit left."},
	ProviderOverloaded:  {"provider_overloaded", "The model's provider is overloaded; try again later."},
	ProviderRefused:     {"provider_refused", "The model's provider refused the request."},
	ProviderUnreachable: {"provider_unreachable", "The model's provider cannot be reached."},
	ProviderTimeout:     {"provider_timeout", "The model's provider fell silent."},
	ProviderTruncated:   {"provider_truncated", "The answer broke off before its end."},
	ProviderMalformed:   {"provider_malformed", "The model's provider sent something that cannot be understood."},
	ProviderFailed:      {"provider_failed", "The model's provider reported an error in mid-answer."},
}

// String is the kind's stable name, in snake case; it equals its code on the
// wire.
func (k Kind) String() string {
	if k >= kinds {
		return "internal"
	}
	return kindTexts[k].name
}

func (k Kind) sentence() string {
	if k >= kinds {
		k = Internal
	}
	return kindTexts[k].sentence
}
