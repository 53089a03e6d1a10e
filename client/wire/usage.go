package wire

import "time"

// Paths of what was used.
const (
	PathUsage       = "/api/v1/usage"
	PathUsageLedger = PathUsage + "/ledger"
	PathUsageModels = PathUsage + "/models"
	PathUsageAdvice = PathUsage + "/advice"
)

// PathAdminUsage is what all accounts have used, for the operator.
const PathAdminUsage = "/admin/v1/usage"

// What a summary may be grouped by. Days and hours are in the order of time and
// without gaps, until now; everything else is in the order of its cost, the
// dearest first. ByAccount is for the operator, ByConversation for everybody else.
const (
	ByDay          = "day"
	ByHour         = "hour"
	ByModel        = "model"
	ByProvider     = "provider"
	ByConversation = "conversation"
	ByMember       = "member"
	ByKey          = "key"
	ByKind         = "kind"
	ByAccount      = "account"
)

// UsageSums are the sums of some of the ledger's rows. A row counts at the moment
// in whose day and month it counts against limits: that of the question.
type UsageSums struct {
	Calls int64 `json:"calls"` // of providers: answers, titles, and each attempt at them

	// Tokens by class. Input, CachedRead and CachedWrite are disjoint and the
	// prompt; CachedWriteLong is the part of CachedWrite that was written for an
	// hour, Reasoning a part of Output.
	Input           int64 `json:"input"`
	CachedRead      int64 `json:"cached_read"`
	CachedWrite     int64 `json:"cached_write"`
	CachedWriteLong int64 `json:"cached_write_long"`
	Output          int64 `json:"output"`
	Reasoning       int64 `json:"reasoning"`
	Tokens          int64 `json:"tokens"` // prompt and output

	CostMicroUSD int64 `json:"cost_microusd"`

	// EstimatedCalls are those whose tokens the provider did not report, or not so
	// that they can be true: they are ours; EstimatedMicroUSD is what of the cost
	// they are.
	EstimatedCalls    int64 `json:"estimated_calls"`
	EstimatedMicroUSD int64 `json:"estimated_microusd"`

	// UnpricedCalls are of models whose price is unknown: they are in the tokens,
	// and not in the cost.
	UnpricedCalls int64 `json:"unpriced_calls"`

	FailedCalls int64 `json:"failed_calls"` // which were billed, or may be
}

// UsageRow is what was used of one thing.
type UsageRow struct {
	// Key is a day (2026-11-23) or an hour (RFC 3339) of the summary's time zone, a
	// model (provider/name), a provider, a kind of call (answer, title, summary), or
	// the id of a conversation, a member, a key or an account. Empty: calls without
	// one.
	Key string `json:"key"`

	// Title is a conversation's title, a member's or account's name, or what a kept
	// key is called; empty where there is none, or it is not there any more.
	Title string `json:"title,omitempty"`

	// Starts and Ends bound a day or an hour, which the range may cut.
	Starts *time.Time `json:"starts,omitempty"`
	Ends   *time.Time `json:"ends,omitempty"`

	All UsageSums `json:"all"`

	// Uncharged is what of All counts against no limit: calls with a user's own
	// key, and those of a local server's owner.
	Uncharged UsageSums `json:"uncharged"`
}

// UsageSummary is what was used from From (within) to To (without).
type UsageSummary struct {
	From     time.Time `json:"from"`
	To       time.Time `json:"to"`
	TimeZone string    `json:"time_zone"` // of days, and of dates in the question
	Now      time.Time `json:"now"`       // when it was read

	// Period says that From and To are the account's current month, in which its
	// plan counts.
	Period bool `json:"period"`

	// WholeAccount says that the sums are of all members; else of the caller, or
	// of the one member asked for.
	WholeAccount bool `json:"whole_account"`

	By   string     `json:"by"`
	Rows []UsageRow `json:"rows"`

	// Left is how many rows are not told, because there are so many; Rest is what
	// they sum up to, null where none is left out.
	Left int64     `json:"left,omitempty"`
	Rest *UsageRow `json:"rest,omitempty"`

	All       UsageSums `json:"all"`
	Uncharged UsageSums `json:"uncharged"`

	// Projection is absent where the range has ended, or has not gone on for a day.
	Projection *Projection `json:"projection,omitempty"`

	// Limits is the plan's, as they stand now.
	Limits Limits `json:"limits"`
}

// Projection is what the range will have used at its end, if it goes on like
// this: so far × length / elapsed, rounded up.
type Projection struct {
	ElapsedSeconds int64 `json:"elapsed_seconds"`
	LengthSeconds  int64 `json:"length_seconds"`

	SoFarMicroUSD int64 `json:"so_far_microusd"`
	CostMicroUSD  int64 `json:"cost_microusd"`
	SoFarTokens   int64 `json:"so_far_tokens"`
	Tokens        int64 `json:"tokens"`

	// Text is the arithmetic for people, in one line.
	Text string `json:"text"`
}

// LedgerRow is one call of a provider, and how its cost came about.
type LedgerRow struct {
	ID       string    `json:"id"`
	At       time.Time `json:"at"`       // in whose day and month it counts
	EndedAt  time.Time `json:"ended_at"` // when the call ended
	Kind     string    `json:"kind"`     // answer, title or summary
	Attempt  int       `json:"attempt"`  // from 1: retries have a row each
	Outcome  string    `json:"outcome"`  // completed, cancelled, failed or interrupted
	Provider string    `json:"provider"`
	Model    string    `json:"model"` // provider/name

	Finish    string `json:"finish,omitempty"`     // why a completed answer ended: see the finish reasons
	ErrorCode Code   `json:"error_code,omitempty"` // why a failed one did

	Member       string `json:"member"`
	MemberName   string `json:"member_name,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	Title        string `json:"title,omitempty"` // the conversation's; empty: it has none, or is gone
	Turn         string `json:"turn,omitempty"`

	KeyID     string `json:"key_id,omitempty"`     // which key; never the key
	RequestID string `json:"request_id,omitempty"` // the provider's id of the call, for its support

	Input           int64 `json:"input"`
	CachedRead      int64 `json:"cached_read"`
	CachedWrite     int64 `json:"cached_write"`
	CachedWriteLong int64 `json:"cached_write_long"`
	Output          int64 `json:"output"`
	Reasoning       int64 `json:"reasoning"`
	Estimated       bool  `json:"estimated,omitempty"` // the tokens are ours, not the provider's

	// Price is what the model cost then; null: unknown, and CostMicroUSD 0.
	Price        *Price `json:"price"`
	CostMicroUSD int64  `json:"cost_microusd"`

	// PriceAbove is the tier: the price of prompts of more than so many tokens;
	// PriceFrom the day, such as 2026-10-07, since when it held.
	PriceAbove int64  `json:"price_above,omitempty"`
	PriceFrom  string `json:"price_from,omitempty"`

	Charged bool `json:"charged"` // it counts against the account's limits

	// Lines are the classes of tokens there are, each with its price: their sum and
	// RoundedUp are the cost. Explanation is the same for people, in one line.
	Lines       []PriceLine `json:"lines"`
	RoundedUp   int64       `json:"rounded_up_millionths"` // of a micro-dollar
	Explanation string      `json:"explanation"`

	FirstTokenMS int64 `json:"first_token_ms,omitempty"` // 0: none came
	TotalMS      int64 `json:"total_ms"`
}

// PriceLine is what one class of a row's tokens cost: Tokens × PriceMicroUSD /
// 1 000 000, exactly.
type PriceLine struct {
	Class         string `json:"class"` // input, cached_read, cached_write, cached_write_long or output
	Tokens        int64  `json:"tokens"`
	PriceMicroUSD int64  `json:"price_microusd"` // per million tokens
	MicroUSD      int64  `json:"microusd"`       // whole micro-dollars
	Millionths    int64  `json:"millionths"`     // and what is left of one
}

// LedgerPage is a page of the ledger, newest first.
type LedgerPage struct {
	Rows []LedgerRow `json:"rows"`
	Next string      `json:"next,omitempty"` // cursor; empty: the last page
}

// ModelQuality is how one model has answered: only answers count, no titles.
type ModelQuality struct {
	Model   string `json:"model"` // provider/name
	Calls   int64  `json:"calls"`
	Retried int64  `json:"retried"` // of them, that were not the first attempt

	Completed   int64 `json:"completed"`
	Refused     int64 `json:"refused"`   // by the model or a filter
	Truncated   int64 `json:"truncated"` // ended at a limit of length, or broken off
	Failed      int64 `json:"failed"`    // for whatever reason, broken off included
	Cancelled   int64 `json:"cancelled"`
	Interrupted int64 `json:"interrupted"` // the server ended in the middle

	// Errors are why calls failed, by code, most often first.
	Errors []ErrorCount `json:"errors"`

	// FirstToken is the time to the first token, Total to the end of a completed
	// answer. Measured is of how many answers, the newest, they were taken.
	FirstToken Latency `json:"first_token"`
	Total      Latency `json:"total"`
	Measured   int64   `json:"measured"`

	Up   int64 `json:"up"` // ratings by users
	Down int64 `json:"down"`

	CostMicroUSD int64 `json:"cost_microusd"`

	// UnpricedCalls are those whose price is unknown, titles and the like included:
	// they are not in the cost.
	UnpricedCalls int64 `json:"unpriced_calls"`
}

// ErrorCount is how often something went wrong.
type ErrorCount struct {
	Code  Code  `json:"code"`
	Calls int64 `json:"calls"`
}

// Latency is a distribution: half, and 95 of 100, took no longer. 0: unknown.
type Latency struct {
	P50MS int64 `json:"p50_ms"`
	P95MS int64 `json:"p95_ms"`
}

// QualityReport is the quality of the models that were used, the most used first.
type QualityReport struct {
	From         time.Time      `json:"from"`
	To           time.Time      `json:"to"`
	TimeZone     string         `json:"time_zone"`
	WholeAccount bool           `json:"whole_account"`
	Models       []ModelQuality `json:"models"`
}

// Advice is one suggestion, drawn from one's own ledger.
type Advice struct {
	Rule    string `json:"rule"`              // see the rules
	Subject string `json:"subject,omitempty"` // the model or conversation it is about
	Title   string `json:"title"`             // in a few words
	Saw     string `json:"saw"`               // what was seen
	Sum     string `json:"sum"`               // the arithmetic
	Do      string `json:"do"`                // what to do, in words
	Command string `json:"command,omitempty"` // what to type

	// SavesMicroUSD is what the same usage would have cost less; 0: no sum can be
	// told.
	SavesMicroUSD int64 `json:"saves_microusd"`
}

// Rules of advice.
const (
	AdviceCheaperModel = "cheaper_model"
	AdviceCaching      = "caching"
	AdviceRunaway      = "runaway_conversation"
	AdviceUnusedPlan   = "unused_plan"
)

// AdviceReport is all advice, what saves most first.
type AdviceReport struct {
	From         time.Time `json:"from"`
	To           time.Time `json:"to"`
	TimeZone     string    `json:"time_zone"`
	CostMicroUSD int64     `json:"cost_microusd"` // of what was looked at
	Calls        int64     `json:"calls"`
	Advice       []Advice  `json:"advice"`
}

// AdminUsage is what all accounts have used.
type AdminUsage struct {
	From     time.Time  `json:"from"`
	To       time.Time  `json:"to"`
	TimeZone string     `json:"time_zone"`
	Now      time.Time  `json:"now"`
	By       string     `json:"by"`
	Rows     []UsageRow `json:"rows"`

	Left int64     `json:"left,omitempty"`
	Rest *UsageRow `json:"rest,omitempty"`

	All       UsageSums `json:"all"`
	Uncharged UsageSums `json:"uncharged"`

	// Errors are why calls failed, most often first.
	Errors []AdminUsageError `json:"errors"`
}

// AdminUsageError is how often a provider's model failed for one reason.
type AdminUsageError struct {
	Model string `json:"model"` // provider/name
	Code  Code   `json:"code"`
	Calls int64  `json:"calls"`
}
