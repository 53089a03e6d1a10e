package httpapi

import (
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
)

// failure is what a kind of fault looks like from outside.
type failure struct {
	status int
	code   wire.Code
}

// failures is the only place where kinds of fault become statuses and codes.
// A provider's refusals are never a 401 or 429 here: those speak of our own
// sign-in and our own limits.
var failures = map[fault.Kind]failure{
	fault.Internal:       {http.StatusInternalServerError, wire.Internal},
	fault.Invalid:        {http.StatusBadRequest, wire.InvalidRequest},
	fault.TextInvalid:    {http.StatusBadRequest, wire.TextInvalid},
	fault.CursorInvalid:  {http.StatusBadRequest, wire.CursorInvalid},
	fault.TooLarge:       {http.StatusRequestEntityTooLarge, wire.TooLarge},
	fault.NotFound:       {http.StatusNotFound, wire.NotFound},
	fault.IDConflict:     {http.StatusConflict, wire.IDConflict},
	fault.TurnRunning:    {http.StatusConflict, wire.TurnRunning},
	fault.ModelUnknown:   {http.StatusBadRequest, wire.ModelUnknown},
	fault.NoKey:          {http.StatusBadRequest, wire.NoKey},
	fault.ContextTooLong: {http.StatusBadRequest, wire.ContextTooLong},
	fault.SyncReset:      {http.StatusGone, wire.SyncReset},
	fault.ClientTooOld:   {http.StatusUpgradeRequired, wire.ClientTooOld},

	fault.Unauthenticated: {http.StatusUnauthorized, wire.Unauthenticated},
	fault.Forbidden:       {http.StatusForbidden, wire.Forbidden},
	fault.QuotaExhausted:  {http.StatusPaymentRequired, wire.QuotaExhausted},
	fault.RateLimited:     {http.StatusTooManyRequests, wire.RateLimited},

	fault.Unavailable: {http.StatusServiceUnavailable, wire.Unavailable},
	fault.Timeout:     {http.StatusGatewayTimeout, wire.Timeout},
	fault.Canceled:    {http.StatusConflict, wire.Cancelled},
	fault.Interrupted: {http.StatusConflict, wire.Interrupted},

	fault.ProviderAuth:        {http.StatusBadGateway, wire.ProviderAuth},
	fault.ProviderRateLimited: {http.StatusBadGateway, wire.ProviderRateLimited},
	fault.ProviderQuota:       {http.StatusBadGateway, wire.ProviderQuota},
	fault.ProviderOverloaded:  {http.StatusBadGateway, wire.ProviderOverloaded},
	fault.ProviderRefused:     {http.StatusBadGateway, wire.ProviderRefused},
	fault.ProviderUnreachable: {http.StatusBadGateway, wire.ProviderUnreachable},
	fault.ProviderTimeout:     {http.StatusGatewayTimeout, wire.ProviderTimeout},
	fault.ProviderTruncated:   {http.StatusBadGateway, wire.ProviderTruncated},
	fault.ProviderMalformed:   {http.StatusBadGateway, wire.ProviderMalformed},
	fault.ProviderFailed:      {http.StatusBadGateway, wire.ProviderFailed},
}

// failureOf looks a kind up; one that is missing would be our mistake.
func failureOf(kind fault.Kind) failure {
	if f, ok := failures[kind]; ok {
		return f
	}
	return failures[fault.Internal]
}
