package usage

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
)

// Store appends to the ledger and reads it.
type Store interface {
	// Append writes entries that belong to no turn's end and to no reservation:
	// they are charged to nobody, whatever they say. An entry whose (account, id)
	// is there already is left as it is.
	Append(ctx context.Context, entries []Entry) error

	// Entries returns an account's rows, newest first, of moments before the given
	// time (zero: now), at most limit.
	Entries(ctx context.Context, account identity.AccountID, before time.Time, limit int) ([]Entry, error)
}

// Whose says whose rows are read: those of a member of an account, of a whole
// account, or, with both empty, of all accounts.
type Whose struct {
	Account identity.AccountID
	Member  identity.UserID
}

// Reader reads the ledger for people. Its methods read no more of it than they
// must: what is rolled up is read from the sums of its hours, and the rest from
// the rows, in one statement, so that a row is in a sum once. They are safe for
// concurrent use; Unavailable means that the database is away.
type Reader interface {
	// Sums sums the rows between the first (within) and the last (without) of
	// bounds, which ascend, in the groups of by. For ByDay and ByHour a group is
	// named by a moment between the same two bounds as its rows; Fold puts them
	// together.
	Sums(ctx context.Context, of Whose, by By, bounds []time.Time) ([]Group, error)

	// Outcomes counts how the calls of a range ended.
	Outcomes(ctx context.Context, of Whose, from, to time.Time) ([]Ending, error)

	// Latencies returns how long the newest answers of a range took, at most so
	// many.
	Latencies(ctx context.Context, of Whose, from, to time.Time, most int) ([]Took, error)

	// Rated counts the ratings of answers that were made in a range.
	Rated(ctx context.Context, of Whose, from, to time.Time) ([]Rated, error)

	// Page returns rows, newest first.
	Page(ctx context.Context, q PageQuery) ([]Entry, error)

	// Titles names what is still there of some conversations, members, accounts and
	// keys (kept ones, removed ones included); what is not there is not in the map.
	// Keys gives a key's label or last characters only to those it belongs to: of
	// another's it says no more than whose it is, and for which provider.
	Titles(ctx context.Context, account identity.AccountID, conversations []string) (map[string]string, error)
	Members(ctx context.Context, ids []string) (map[string]string, error)
	Accounts(ctx context.Context, ids []string) (map[string]string, error)
	Keys(ctx context.Context, to Reading, ids []string) (map[string]string, error)

	// MembersOf are the names of all members that the account has now, by their ids.
	MembersOf(ctx context.Context, account identity.AccountID) (map[string]string, error)
}

// Reading is who reads. The zero Reading is nobody, to whom no key belongs.
type Reading struct {
	Account identity.AccountID
	User    identity.UserID

	// Operator says that every key may be named.
	Operator bool
}

// PageQuery selects a page of the ledger.
type PageQuery struct {
	Whose                     // with an account
	From, To        time.Time // moments; zero: no bound
	Provider, Model string    // both or none
	Conversation    string
	After           *Mark // continues behind a row
	Limit           int
}

// Mark is a place in the ledger: keyset pagination.
type Mark struct {
	At time.Time
	ID string
}

// Roller keeps the sums of the hours.
type Roller interface {
	// RollUp adds at most so many rows to the sums of their hours that are in none
	// yet, in one transaction, and says how many they were: 0 when all are. A row
	// is added once, whoever calls and however often, also one that was written
	// long after its hour.
	RollUp(ctx context.Context, most int) (int, error)
}

// Audit proves the sums of the hours, or makes them anew.
type Audit interface {
	// Drift compares the sums with the rows that they say they hold, of one account
	// or, where it is empty, of all; in the order of accounts and hours.
	Drift(ctx context.Context, account identity.AccountID) ([]Drifted, error)

	// Mend makes the sums of an account's hour, which begins then, equal what its rows
	// say. Rows may be written and rolled up meanwhile. NotFound.
	Mend(ctx context.Context, account identity.AccountID, hour time.Time) error
}

// Rollup is which of an hour's sums.
type Rollup string

// The sums that are kept of each hour.
const (
	UsageRollup        Rollup = "usage"
	ConversationRollup Rollup = "conversations"
	OutcomeRollup      Rollup = "outcomes"
)

// Drifted is an hour whose sums are not what its rows say.
type Drifted struct {
	Account      identity.AccountID
	Hour         time.Time // when it begins
	Of           Rollup
	Rolled, Real Sums // of how calls ended no more than the calls and their cost
}

// Ending counts calls that ended alike.
type Ending struct {
	Model     string // provider/name
	Kind      Kind
	Outcome   Outcome
	Finish    provider.FinishReason
	ErrorCode string

	Calls    int64
	Retries  int64 // calls that were not the first attempt
	MicroUSD int64
}

// Took is how long an answer took. FirstToken is zero where none came.
type Took struct {
	Model             string
	FirstToken, Total time.Duration
	Completed         bool
}

// Rated counts the ratings of a model's answers.
type Rated struct {
	Model    string
	Up, Down int64
}
