package turn

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
)

// Request is what a client asks of a turn.
type Request struct {
	ID           ID // of the answer
	Conversation conversation.ID

	// Create is the conversation to create where it does not exist; nil: it
	// must exist.
	Create *conversation.Conversation

	// Question is what is asked; nil answers Parent, an existing message of the
	// user, anew.
	Question *Question

	// Parent is the message that the question follows, or the question to be
	// answered anew; empty means the conversation's leaf. Root, with Parent
	// empty, begins a new root.
	Parent conversation.MessageID
	Root   bool

	Model       string   // as the user wrote it; empty: the conversation's, else the default
	System      *string  // nil: the conversation's
	MaxTokens   *int64   // nil: the model's own limit
	Temperature *float64 // nil: the provider's default

	// Ephemeral stores nothing but the ledger's rows.
	Ephemeral bool

	// Env is what the caller's own terminal says of provider keys, under the
	// vendors' variable names; nil but for the local owner.
	Env map[string]string
}

// opens reports whether the request would create a conversation and begin it: as
// nearly every request does that names one to create.
func (r *Request) opens() bool {
	return !r.Ephemeral && r.Create != nil && r.Question != nil && r.Parent == ""
}

// Question is a user's message to be stored with its turn.
type Question struct {
	ID    conversation.MessageID
	Parts []conversation.Part
}

// Status is a turn as it stands.
type Status struct {
	ID           ID
	Conversation conversation.ID // empty for an ephemeral turn
	Question     conversation.MessageID
	Model        string
	State        State
	StartedAt    time.Time
	Position     int64
}

// Update is what a Feed tells next. Exactly one of its groups is set: new text,
// a snapshot, a notice, the end, or Idle.
type Update struct {
	// Text and Runs are the log's bytes since the last update, up to Position.
	// They are shared, and valid until the next call of Next: do not write to
	// them and do not keep them.
	Text     []byte
	Runs     []Run
	Position int64

	// Snapshot says that Text and Runs are the whole log, and replace what the
	// client has: it claims to have seen more than is left.
	Snapshot bool

	Notice *Notice
	End    *End

	// Idle says that nothing happened for as long as Next was to wait.
	Idle bool
}

// Notice is worth saying but no part of the answer.
type Notice struct {
	Code string // as in the contract: "retrying", "fallback", "trimmed"
	Text string
}

// End is how a turn ended.
type End struct {
	Answer     conversation.Message // with its parts
	Title      string               // the conversation's, where known by then
	RetryAfter time.Duration
}
