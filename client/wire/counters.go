package wire

import "time"

// PathAdminCounters are the counters that are not what the ledger and the running
// calls say, and the sums by the hour that are not what the ledger says: got, they
// are told; posted to, they are set right.
const PathAdminCounters = PathAdminUsage + "/counters"

// Amount is so much of each unit that limits count.
type Amount struct {
	Messages int64 `json:"messages"`
	Tokens   int64 `json:"tokens"`
	MicroUSD int64 `json:"microusd"`
}

// Taken is what of a counter is used, and what running calls hold.
type Taken struct {
	Used Amount `json:"used"`
	Held Amount `json:"held"`
}

// WrongCounter is a counter that is not what it should be.
type WrongCounter struct {
	Account string    `json:"account"`
	User    string    `json:"user,omitempty"` // the account's, by name; none: deleted
	Scope   string    `json:"scope"`
	Subject string    `json:"subject,omitempty"`
	Period  string    `json:"period"`
	Starts  time.Time `json:"starts"`
	Stored  Taken     `json:"stored"`
	Real    Taken     `json:"real"` // what the ledger and the running calls say
}

// WrongHour is an hour whose sums, from which usage is told, are not what its rows of
// the ledger say.
type WrongHour struct {
	Account string    `json:"account"`
	User    string    `json:"user,omitempty"` // the account's, by name; none: deleted
	Starts  time.Time `json:"starts"`
	Of      string    `json:"of"` // which sums: RollupOfUsage, …
	Stored  UsageSums `json:"stored"`
	Real    UsageSums `json:"real"` // of outcomes the calls and their cost only
}

// The sums that are kept of each hour.
const (
	RollupOfUsage         = "usage"
	RollupOfConversations = "conversations"
	RollupOfOutcomes      = "outcomes"
)

// WrongCounters are all that were found.
type WrongCounters struct {
	Wrong []WrongCounter `json:"wrong"`
	Hours []WrongHour    `json:"hours"`
}

// CounterRebuild says whose counters and sums to set right; empty: everybody's.
type CounterRebuild struct {
	User string `json:"user,omitempty"` // by id
}
