package quota

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

// Standing is how an account stands.
type Standing struct {
	Plan   string // its own; empty: the server's default
	Anchor int    // the day on which its months begin

	// Balances are the counters that there are, of the day and the month asked
	// for.
	Balances []Balance
}

// Reading is what a policy asks of the store.
type Reading interface {
	// Standing reads how the account stands at a moment: the counters of the
	// given subjects, or all of them where of is nil. NotFound.
	Standing(ctx context.Context, account identity.AccountID, of *Subjects, at time.Time) (Standing, error)
}

// Store keeps reservations and counters. Each method is one transaction, safe for
// concurrent use, and Unavailable where the database is away. Turns are reserved
// and settled by turn.Store, in its own transactions; this is for calls that
// stand by themselves.
type Store interface {
	Reading

	// Reserve holds what a call may use, against all its limits or none: a
	// QuotaExhausted fault says which is used up, or ErrUnseen that a hold made
	// without looking does not stand. The same hold twice is held once.
	Reserve(ctx context.Context, h *Hold) error

	// Settle gives a reservation back, charges what ledger rows say was used, and
	// stores these: of none, nothing was used. A reservation that is not there
	// (any more) has been settled: then rows that the ledger has not got yet are
	// stored as charged to nobody, and those it has stay as they are. It returns
	// the limits of which the user is to be told, once: only for an answer.
	Settle(ctx context.Context, account identity.AccountID, id string, entries []usage.Entry) ([]Warning, error)

	// Expire settles up to limit reservations whose time has run out and for
	// which no running turn stands, at what is known of them: the prompt,
	// estimated. With all their time does not matter: only for a database that
	// one process alone can open, before its first call. It returns how many.
	Expire(ctx context.Context, all bool, limit int) (int, error)
}

// Accounts is what an operator does with plans.
type Accounts interface {
	// SetPlan gives the account a plan; empty: the server's default. NotFound.
	SetPlan(ctx context.Context, account identity.AccountID, plan string) error

	// SetAnchor says on which day of the month, 1 to 31, the account's months begin;
	// 0: on that of its creation. What was used is counted anew by months that
	// begin then, so that nobody gets another allowance by it. NotFound.
	SetAnchor(ctx context.Context, account identity.AccountID, day int) error

	// Plans counts the accounts by their plan; empty for the default.
	Plans(ctx context.Context) (map[string]int64, error)
}

// Audit proves the counters, or makes them anew.
type Audit interface {
	// Mismatches lists the counters that do not equal what the ledger and the
	// standing reservations say, of one account or, where it is empty, of all.
	// NotFound.
	Mismatches(ctx context.Context, account identity.AccountID) ([]Mismatch, error)

	// Rebuild makes an account's counters equal what its ledger and its standing
	// reservations say, and returns those that did not. Calls may come and go
	// meanwhile. What its users have been told of is not told again. NotFound.
	Rebuild(ctx context.Context, account identity.AccountID) ([]Mismatch, error)
}

// Mismatch is a counter that is not what it should be.
type Mismatch struct {
	Account      identity.AccountID
	Stored, Real Balance
}
