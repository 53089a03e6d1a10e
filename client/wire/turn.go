package wire

import "time"

// NewTurn begins a turn: POST …/conversations/{id}/turns. Repeated, it attaches.
type NewTurn struct {
	// ID names the answer, and with it the turn.
	ID string `json:"id"`

	// Question is what is asked; nil answers an existing message anew
	// (regenerate), which Parent names then.
	Question *Question `json:"question,omitempty"`

	// Parent is the message that the question follows: absent means the
	// conversation's leaf, "root" the very beginning. To edit a question is to
	// ask another with the same parent.
	Parent string `json:"parent,omitempty"`

	// Create makes the conversation with the turn, where it does not exist.
	Create *NewConversation `json:"create,omitempty"`

	Model       string   `json:"model,omitempty"` // default: the conversation's
	System      *string  `json:"system,omitempty"`
	MaxTokens   *int64   `json:"max_tokens,omitempty"`
	Temperature *float64 `json:"temperature,omitempty"`

	// Ephemeral keeps nothing but the ledger row: the conversation's id is not
	// looked at, and the turn can be attached to only while the server lives.
	Ephemeral bool `json:"ephemeral,omitempty"`
}

// ParentRoot as NewTurn.Parent begins a new root.
const ParentRoot = "root"

// Question is the user's message.
type Question struct {
	ID    string `json:"id"`
	Parts []Part `json:"parts"`
}

// Turn is a turn as it stands.
type Turn struct {
	ID           string    `json:"id"`
	Conversation string    `json:"conversation,omitempty"`
	Question     string    `json:"question"`
	Model        string    `json:"model"`
	State        string    `json:"state"`
	StartedAt    time.Time `json:"started_at"`

	// Position is how far the turn has come: the last event id.
	Position int64 `json:"position"`
}

// Names of the events of a turn's stream. The id of an event is the position in
// the turn after it, in bytes; it is an opaque token to everybody but the
// server.
const (
	EventTurn     = "turn"     // Turn; the first event of every attachment
	EventDelta    = "delta"    // Delta
	EventSnapshot = "snapshot" // Snapshot: replaces everything told so far
	EventNotice   = "notice"   // Notice: something worth saying; not part of the answer

	// The terminal events: exactly one ends every stream.
	EventCompleted   = "completed"   // End
	EventCancelled   = "cancelled"   // End
	EventFailed      = "failed"      // End
	EventInterrupted = "interrupted" // End
)

// Terminal reports whether an event of that name ends its stream.
func Terminal(event string) bool {
	switch event {
	case EventCompleted, EventCancelled, EventFailed, EventInterrupted:
		return true
	}
	return false
}

// Delta is a piece of the answer.
type Delta struct {
	// Part is the index of the answer's part it belongs to, Type that part's
	// type: PartText, PartReasoning or PartToolCall.
	Part int    `json:"part"`
	Type string `json:"type"`
	Text string `json:"text"`

	// Name and CallID come with the first delta of a tool call.
	Name   string `json:"name,omitempty"`
	CallID string `json:"call_id,omitempty"`
}

// Snapshot is all of the answer so far.
type Snapshot struct {
	Parts []Part `json:"parts"`
}

// Notice codes.
const (
	NoticeRetrying = "retrying" // the provider is called again
	NoticeFallback = "fallback" // another model is asked in the place of one that does not answer
	NoticeTrimmed  = "trimmed"  // old messages were left out to fit the window
	NoticeQuota    = "quota"    // a limit is used to 80, 90 or 100 per cent; once each in a period
)

// Notice says something about the turn that is not its text.
type Notice struct {
	Code string `json:"code"`
	Text string `json:"text"`
}

// End is the last event of a turn.
type End struct {
	// Message is the answer as stored, without its parts' text, which has been
	// told: State, Finish, ErrorCode, ErrorText, Usage and times are set.
	Message Message `json:"message"`

	// Title is the conversation's title, where it is known by then.
	Title string `json:"title,omitempty"`

	// RetryAfter is in seconds; 0: unknown. Set with some failures.
	RetryAfter int64 `json:"retry_after,omitempty"`
}
