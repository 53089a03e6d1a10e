package main

import "github.com/aichat-term/aichat/client/wire"

// The exit statuses; `aichat help exit-codes` tells them to people.
const (
	exitOK          = 0
	exitFailed      = 1
	exitUsage       = 2
	exitSignIn      = 4
	exitQuota       = 5
	exitRateLimited = 6
	exitProvider    = 7
	exitUnreachable = 8
	exitElsewhere   = 9
	exitSignal      = 128 // plus the signal's number
)

// statusOf is the one table from the contract's codes to exit statuses. A code
// of a newer server is a plain failure.
func statusOf(code wire.Code) int {
	switch code {
	case wire.InvalidRequest, wire.TextInvalid, wire.TooLarge, wire.ContextTooLong, wire.ModelUnknown:
		return exitUsage
	case wire.Unauthenticated:
		return exitSignIn
	case wire.QuotaExhausted:
		return exitQuota
	case wire.RateLimited:
		return exitRateLimited
	case wire.ProviderAuth, wire.ProviderRateLimited, wire.ProviderQuota, wire.ProviderOverloaded,
		wire.ProviderRefused, wire.ProviderUnreachable, wire.ProviderTimeout, wire.ProviderTruncated,
		wire.ProviderMalformed, wire.ProviderFailed:
		return exitProvider
	case wire.Unavailable:
		return exitUnreachable
	case wire.Cancelled, wire.Interrupted:
		return exitElsewhere
	case wire.Internal, wire.CursorInvalid, wire.NotFound, wire.IDConflict, wire.TurnRunning, wire.NoKey,
		wire.SyncReset, wire.ClientTooOld, wire.Forbidden, wire.Timeout:
		return exitFailed
	default:
		return exitFailed
	}
}
