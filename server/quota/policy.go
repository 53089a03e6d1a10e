package quota

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
)

// Ask is a call that somebody wants to make.
type Ask struct {
	Principal identity.Principal
	Route     provider.Route

	// Prompt is the estimated size of the prompt, MaxOutput the most that the
	// answer may have (0: unknown), in tokens.
	Prompt    int64
	MaxOutput int64
}

// Hold is what a call may use at most, to be reserved with the turn's beginning
// and settled with its end.
type Hold struct {
	// ID names the reservation; empty: nothing is reserved.
	ID string

	// Charged says whether the call counts against the account's limits.
	Charged bool

	// MicroUSD and Tokens are the worst case that is reserved.
	MicroUSD int64
	Tokens   int64
}

// Policy admits calls. It is safe for concurrent use.
type Policy interface {
	// Admit returns what is to be held for the call, or a fault: QuotaExhausted,
	// RateLimited or Forbidden. It stores nothing.
	Admit(ctx context.Context, ask Ask) (Hold, error)
}

// Unmetered admits everything and holds nothing.
type Unmetered struct{}

var _ Policy = Unmetered{}

// Admit implements Policy.
func (Unmetered) Admit(context.Context, Ask) (Hold, error) { return Hold{}, nil }
