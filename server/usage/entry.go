package usage

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
)

// Kind says what a provider call was for.
type Kind string

// The kinds.
const (
	Answer  Kind = "answer"
	Title   Kind = "title"
	Summary Kind = "summary"
)

// Outcome says how a provider call ended.
type Outcome string

// The outcomes.
const (
	Completed   Outcome = "completed"
	Cancelled   Outcome = "cancelled"
	Failed      Outcome = "failed"
	Interrupted Outcome = "interrupted"
)

// Source says where the token counts come from.
type Source string

// The sources.
const (
	Reported  Source = "reported"  // the provider's own figures
	Estimated Source = "estimated" // it reported none: ours
)

// Entry is one row of the ledger. It is written once, in the transaction that
// ends the call, and never changed.
type Entry struct {
	Account   identity.AccountID
	ID        string // UUIDv7; the same entry twice is one row
	CreatedAt time.Time

	Member identity.UserID // who asked
	Kind   Kind

	// Turn is the id of the turn, Conversation of its conversation; both are
	// references in name only: the ledger outlives what it speaks of. Empty
	// where there is none.
	Turn         string
	Conversation string

	// Attempt counts the calls made for one purpose, from 1: retries and
	// fallbacks leave a row each.
	Attempt int

	Provider  string
	Model     string // the provider's own name
	KeyID     string // which key; never the key
	RequestID string // the provider's id of the call, for support

	Tokens provider.Usage
	Source Source

	// PriceKnown is false for a model outside the catalogue; Price and
	// CostMicroUSD are zero then.
	PriceKnown   bool
	Price        provider.Price
	CostMicroUSD int64

	// Charged says whether the cost counts against the account's limits: a call
	// with a user's own key, or by the local owner, is recorded but free.
	Charged bool

	// Reservation is the hold that this entry settled; empty: none was taken.
	Reservation string

	// CountedAt is the moment in whose day and month the entry counts against the
	// account's limits: that of the reservation. Zero unless Charged.
	CountedAt time.Time

	Outcome   Outcome
	ErrorCode string // fault kind's name; empty unless Failed

	// FirstToken and Total are how long the provider took; FirstToken is zero if
	// none came.
	FirstToken time.Duration
	Total      time.Duration
}

// Store appends to the ledger and reads it.
type Store interface {
	// Append writes entries that belong to no turn's end and to no reservation:
	// they are charged to nobody, whatever they say. An entry whose (account, id)
	// is there already is left as it is.
	Append(ctx context.Context, entries []Entry) error

	// Entries returns an account's rows, newest first, that were made before
	// the given time (zero: now), at most limit.
	Entries(ctx context.Context, account identity.AccountID, before time.Time, limit int) ([]Entry, error)
}
