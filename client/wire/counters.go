package wire

import "time"

// PathAdminCounters are the counters that are not what the ledger and the running
// calls say: got, they are told; posted to, they are set right.
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

// WrongCounters are all that were found.
type WrongCounters struct {
	Wrong []WrongCounter `json:"wrong"`
}

// CounterRebuild says whose counters to set right; empty: everybody's.
type CounterRebuild struct {
	User string `json:"user,omitempty"` // by id
}
