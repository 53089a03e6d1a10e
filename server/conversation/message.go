package conversation

import (
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Role says who wrote a message.
type Role string

// The roles.
const (
	User      Role = "user"
	Assistant Role = "assistant"
)

// Message is one node of a conversation's tree. Once stored it does not change.
type Message struct {
	Account      identity.AccountID
	Conversation ID
	ID           MessageID
	Parent       MessageID // empty: a root
	Role         Role
	Parts        []Part

	// State is always Complete for a user's message.
	State State

	// Of an assistant's message: what answered, why it ended, what it used.
	Model      string // provider/name
	Finish     string // provider.FinishReason; empty unless Complete
	ErrorCode  string // fault kind's name; empty if Complete
	ErrorText  string // the sentence shown then
	Usage      Usage
	CreatedAt  time.Time
	FinishedAt time.Time // zero for a user's message
	Rev        int64
}

// Usage is what an answer used and cost, for display; the ledger is the truth.
type Usage struct {
	Input, CachedRead, CachedWrite, Output, Reasoning int64

	CostMicroUSD int64
	PriceKnown   bool // false: the cost is not 0 but unknown
	Estimated    bool // the provider reported nothing; these are our estimate
}

// State is how an answer ended.
type State string

// The states of a stored message.
const (
	Complete    State = "complete"
	Cancelled   State = "cancelled"
	Failed      State = "failed"
	Interrupted State = "interrupted"
)

// PartType says what a part is.
type PartType string

// The part types. Unknown types are kept and passed on untouched.
const (
	Text       PartType = "text"
	Reasoning  PartType = "reasoning"
	File       PartType = "file" // a reference; the bytes live elsewhere
	ToolCall   PartType = "tool_call"
	ToolResult PartType = "tool_result"
)

// Part is a piece of a message: one flat struct with a type, so that a type yet
// to come needs no new shape. Its JSON is what the store keeps.
type Part struct {
	Type PartType `json:"type"`
	Text string   `json:"text,omitempty"`

	// A file reference: its name, media type and size in bytes.
	FileID string `json:"file_id,omitempty"`
	Name   string `json:"name,omitempty"`
	MIME   string `json:"mime,omitempty"`
	Size   int64  `json:"size,omitempty"`

	// A tool call: the provider's id of it and its arguments as JSON text.
	CallID    string `json:"call_id,omitempty"`
	Arguments string `json:"arguments,omitempty"`

	// Opaque goes back verbatim, to the provider that OpaqueFrom names only.
	Opaque     []byte `json:"opaque,omitempty"`
	OpaqueFrom string `json:"opaque_from,omitempty"`
}

// PlainText joins the message's text parts: what is shown, copied and searched.
func PlainText(parts []Part) string {
	only := "" // nearly always there is one, which need not be copied
	var all strings.Builder
	for i := range parts {
		text := parts[i].Text
		switch {
		case parts[i].Type != Text || text == "":
		case only == "" && all.Len() == 0:
			only = text
		default:
			all.WriteString(only)
			all.WriteString(text)
			only = ""
		}
	}
	if only != "" {
		return only
	}
	return all.String()
}
