package usage

import (
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
	Estimated Source = "estimated" // ours: it reported none, or the call ended before it did

	// Disbelieved are ours, too: those that it reported cannot be true.
	Disbelieved Source = "disbelieved"
)

// Ours reports whether the counts are an estimate of this server; those of no call
// at all, the zero Source, are nobody's.
func (s Source) Ours() bool { return s == Estimated || s == Disbelieved }

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

	// Reservation is the hold that this entry settled. Where it is not Charged, it
	// is one that had been settled before the entry came; empty: none was taken.
	Reservation string

	// CountedAt is the moment in whose day and month the entry counts against the
	// account's limits: that of the reservation. Zero unless Charged.
	CountedAt time.Time

	Outcome   Outcome
	ErrorCode string // fault kind's name; empty unless Failed

	// Finish says why the provider ended a completed answer, in the words of
	// provider.FinishReason; empty where it said nothing.
	Finish provider.FinishReason

	// FirstToken and Total are how long the provider took; FirstToken is zero if
	// none came, and Total where the call's process did not live to see its end.
	FirstToken time.Duration
	Total      time.Duration
}

// Lost reports whether the call's process died with it, or was cut off: then
// somebody else has written the entry, by what had been stored.
func (e *Entry) Lost() bool {
	return e.Outcome == Interrupted && e.Source == Estimated && e.Total == 0
}

// At is the entry's moment: that in whose day and month it counts, or else its
// own. All that is read of the ledger is read by it, so that what is shown of a
// period is what counts in it.
func (e *Entry) At() time.Time {
	if !e.CountedAt.IsZero() {
		return e.CountedAt
	}
	return e.CreatedAt
}

// ModelID is the model by the name that users address it with.
func (e *Entry) ModelID() string { return e.Provider + "/" + e.Model }
