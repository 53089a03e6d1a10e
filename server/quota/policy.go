package quota

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// Ask is a call that somebody wants to make.
type Ask struct {
	Principal identity.Principal

	// Route is where the call may go, its Others included: what is held is enough
	// for the dearest of them.
	Route provider.Route

	// ID is to name the reservation; see Hold.ID.
	ID           string
	Kind         usage.Kind
	Conversation string // for the ledger; empty: none

	// Prompt is the estimated size of the prompt, MaxOutput the most that the
	// answer may have (0: unknown), in tokens.
	Prompt    int64
	MaxOutput int64

	// Count returns a better Prompt, where somebody can tell it; it may take
	// seconds. It is asked once, and only where what is left does not pay for the
	// worst case by Prompt, and may for a shorter one. Nil: nobody can.
	Count func(ctx context.Context) int64

	// Look has the hold made by what is left, however much that may be: the one
	// made without looking did not stand (ErrUnseen).
	Look bool
}

// subjects are those whose counters the call counts in.
func (a *Ask) subjects() *Subjects {
	return &Subjects{Member: a.Principal.User, Model: a.Route.Model.ID(), Key: a.Route.Endpoint.KeyID}
}

// Policy admits calls. It is safe for concurrent use.
type Policy interface {
	// Admit returns what is to be held for the call, nil where it is not metered,
	// or a fault: QuotaExhausted, RateLimited, Forbidden, Unavailable. It stores
	// nothing.
	Admit(ctx context.Context, ask Ask) (*Hold, error)
}

// Unmetered admits everything and holds nothing.
type Unmetered struct{}

var _ Policy = Unmetered{}

// Admit implements Policy.
func (Unmetered) Admit(context.Context, Ask) (*Hold, error) { return nil, nil }
