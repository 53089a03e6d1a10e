package quota

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Pacer keeps the rates: how fast, and how much at once. Paces does so for one
// process; what does it for several stands behind the same interface. It is safe
// for concurrent use.
type Pacer interface {
	// Enter lets a call of so many tokens in, or returns a RateLimited fault that
	// says which rate and when to come back. What is refused is not counted.
	Enter(ctx context.Context, who Walker, r Rates, tokens int64) (Pass, error)

	// Look says how the account's requests stand; false where none are counted.
	Look(ctx context.Context, account identity.AccountID) (Pace, bool)
}

// Walker is who asks: an account, by one of its sessions or tokens.
type Walker struct {
	Account identity.AccountID
	Session string // empty: none
}

// Pass is held while a call runs. Either method ends it; a second call of any is
// nothing.
type Pass interface {
	// Leave says how many tokens the call really used.
	Leave(tokens int64)

	// Cancel takes everything back: the call was never made.
	Cancel()
}

// Pace is how a rate stands.
type Pace struct {
	Limit     int64         // requests a minute
	Remaining int64         // that may be made now
	Reset     time.Duration // until all may be made again
}
