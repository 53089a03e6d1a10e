package wire

import "time"

// PathLimits is what is left of the account's plan.
const PathLimits = "/api/v1/usage/limits"

// Headers with how many questions may still be begun in a minute (RateLimit
// header fields for HTTP, draft-ietf-httpapi-ratelimit-headers, the fields that
// clients know): on answers to beginning a turn.
const (
	HeaderRateLimit     = "RateLimit-Limit"     // a minute
	HeaderRateRemaining = "RateLimit-Remaining" // now
	HeaderRateReset     = "RateLimit-Reset"     // seconds until all may be made again
)

// Limits is what an account has, and has left.
type Limits struct {
	// Metered is false where nothing is limited, as for a local server's owner:
	// the rest is empty then.
	Metered bool `json:"metered"`

	Plan   string  `json:"plan,omitempty"`
	Title  string  `json:"title,omitempty"` // for people
	Limits []Limit `json:"limits"`
	Rates  Rates   `json:"rates"`
}

// Limit is the most that may be used of one unit in one period, and how far it
// is used.
type Limit struct {
	// Scope is what it is for: account, member, model or key; Subject is the
	// member's, model's or key's id, empty for the account.
	Scope   string `json:"scope"`
	Subject string `json:"subject,omitempty"`

	Period string `json:"period"` // day or month
	Unit   string `json:"unit"`   // messages, tokens or micro_usd

	Used int64 `json:"used"`
	Held int64 `json:"held"` // by answers that run
	Most int64 `json:"most"`

	ResetsAt time.Time `json:"resets_at"`
}

// Rates are how fast an account may ask; 0: as fast as it likes.
type Rates struct {
	RequestsPerMinute int64 `json:"requests_per_minute,omitempty"`
	TokensPerMinute   int64 `json:"tokens_per_minute,omitempty"`
	Streams           int64 `json:"streams,omitempty"`         // at once, of the account
	SessionStreams    int64 `json:"session_streams,omitempty"` // and of one session or token
}

// PathAdminPlans are the plans, for the operator.
const PathAdminPlans = "/admin/v1/plans"

// BelowPlan is a user's plan, below PathAdminUsers and the user's id.
const BelowPlan = "plan"

// PlanTerms are what a plan allows.
type PlanTerms struct {
	Name   string      `json:"name"`
	Title  string      `json:"title,omitempty"` // for people
	Models []string    `json:"models"`          // none: all
	Limits []PlanLimit `json:"limits"`
	Rates  Rates       `json:"rates"`
}

// Plan is a plan as the operator sees it.
type Plan struct {
	PlanTerms
	ReserveOutput int64 `json:"reserve_output,omitempty"`

	// Offered says that everybody sees it, not only who has it.
	Offered bool `json:"offered"`

	// Default says that accounts without a plan of their own have it; Accounts is
	// how many have it, these included.
	Default  bool  `json:"default"`
	Accounts int64 `json:"accounts"`
}

// PlanLimit is a limit of a plan.
type PlanLimit struct {
	Scope  string `json:"scope"`
	Only   string `json:"only,omitempty"` // the models that it is for, each apart
	Period string `json:"period"`
	Unit   string `json:"unit"`
	Most   int64  `json:"most"`
}

// PlanList is all plans, in the order of their file.
type PlanList struct {
	Plans []Plan `json:"plans"`

	// Trouble is what is wrong with the plans' file; absent: nothing is.
	Trouble *PlansTrouble `json:"trouble,omitempty"`
}

// PlansTrouble is a file of plans that cannot be used: those from before it stay in
// force until it is mended.
type PlansTrouble struct {
	File     string    `json:"file"`
	Since    time.Time `json:"since"`    // when the file was changed, or first found to be away
	Mistakes []string  `json:"mistakes"` // each with its line, of those that have one
}

// PlanChange gives a user's account a plan; empty: the default.
type PlanChange struct {
	Plan string `json:"plan"`

	// MonthDay, if there is one, is the day of the month, 1 to 31, on which the
	// account's months begin from now on; 0: that of the account's creation.
	MonthDay *int `json:"month_day,omitempty"`
}

// AccountPlan is which plan a user's account has, and when its month began.
type AccountPlan struct {
	Plan        string    `json:"plan"` // its own; empty: the default
	MonthDay    int       `json:"month_day"`
	MonthStarts time.Time `json:"month_starts"`
	MonthEnds   time.Time `json:"month_ends"`
}
