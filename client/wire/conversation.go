package wire

import "time"

// Conversation is the head of a tree of messages.
type Conversation struct {
	ID          string    `json:"id"`
	Title       string    `json:"title"`
	TitleByUser bool      `json:"title_by_user,omitempty"`
	Model       string    `json:"model,omitempty"` // provider/name
	System      string    `json:"system,omitempty"`
	Origin      string    `json:"origin"` // "chat" or "ask"
	Listed      bool      `json:"listed"` // sidebars show it
	Leaf        string    `json:"leaf,omitempty"`
	ForkOf      string    `json:"fork_of,omitempty"`
	ForkAt      string    `json:"fork_at,omitempty"`
	Running     string    `json:"running,omitempty"` // the id of the turn that runs now
	CreatedAt   time.Time `json:"created_at"`
	UpdatedAt   time.Time `json:"updated_at"`
	Rev         int64     `json:"rev"`
}

// Origins of a conversation.
const (
	OriginChat = "chat"
	OriginAsk  = "ask"
)

// NewConversation asks for a conversation.
type NewConversation struct {
	ID     string `json:"id"`
	Title  string `json:"title,omitempty"`
	Model  string `json:"model,omitempty"`
	System string `json:"system,omitempty"`
	Origin string `json:"origin,omitempty"` // default "chat"
}

// ConversationChange changes what is not null.
type ConversationChange struct {
	Title  *string `json:"title,omitempty"`
	Model  *string `json:"model,omitempty"`
	System *string `json:"system,omitempty"`
	// Leaf is any message of the branch to show. The conversation's leaf becomes
	// the newest end below it, which the answer names.
	Leaf   *string `json:"leaf,omitempty" doc:"Any message: the branch through it that ends newest is shown, and its end becomes the leaf."`
	Listed *bool   `json:"listed,omitempty"`
}

// Fork asks for a copy of the branch that ends at a message.
type Fork struct {
	ID string `json:"id"` // of the new conversation
	At string `json:"at"` // message
}

// Message is one node of a conversation's tree.
type Message struct {
	ID           string     `json:"id"`
	Conversation string     `json:"conversation"`
	Parent       string     `json:"parent,omitempty"`
	Role         string     `json:"role"` // "user" or "assistant"
	Parts        []Part     `json:"parts"`
	State        string     `json:"state"`           // see the states
	Model        string     `json:"model,omitempty"` // provider/name
	Finish       string     `json:"finish,omitempty"`
	ErrorCode    Code       `json:"error_code,omitempty"`
	ErrorText    string     `json:"error_text,omitempty"`
	Usage        *Usage     `json:"usage,omitempty"`
	CreatedAt    time.Time  `json:"created_at"`
	FinishedAt   *time.Time `json:"finished_at,omitempty"`
	Rev          int64      `json:"rev"`

	// Siblings are the ids that share this message's parent, itself included,
	// oldest first; absent where it is the only one.
	Siblings []string `json:"siblings,omitempty"`

	// Rating is the caller's own; absent where there is none.
	Rating *Rating `json:"rating,omitempty"`
}

// Roles of a message.
const (
	RoleUser      = "user"
	RoleAssistant = "assistant"
)

// States of a message and of a turn. Only a turn is ever running.
const (
	StateRunning     = "running"
	StateComplete    = "complete"
	StateCancelled   = "cancelled"
	StateFailed      = "failed"
	StateInterrupted = "interrupted"
)

// Finish reasons of a complete answer.
const (
	FinishStop    = "stop"
	FinishLength  = "length"
	FinishRefusal = "refusal"
	FinishFilter  = "filter"
	FinishTool    = "tool"
)

// Part is a piece of a message: a flat struct with a type.
type Part struct {
	Type      string `json:"type"`
	Text      string `json:"text,omitempty"`
	FileID    string `json:"file_id,omitempty"`
	Name      string `json:"name,omitempty"`
	MIME      string `json:"mime,omitempty"`
	Size      int64  `json:"size,omitempty"`
	CallID    string `json:"call_id,omitempty"`
	Arguments string `json:"arguments,omitempty"`
}

// Types of a part.
const (
	PartText       = "text"
	PartReasoning  = "reasoning"
	PartFile       = "file"
	PartToolCall   = "tool_call"
	PartToolResult = "tool_result"
)

// Usage is what an answer used and cost.
type Usage struct {
	Input       int64 `json:"input"`
	CachedRead  int64 `json:"cached_read"`
	CachedWrite int64 `json:"cached_write"`
	Output      int64 `json:"output"`
	Reasoning   int64 `json:"reasoning"`

	// CostMicroUSD is null where the model's price is unknown.
	CostMicroUSD *int64 `json:"cost_microusd"`
	Estimated    bool   `json:"estimated,omitempty"`
}

// ConversationPage is a page of the list, most recently updated first.
type ConversationPage struct {
	Conversations []Conversation `json:"conversations"`
	Next          string         `json:"next,omitempty"` // cursor; empty: the last page
}

// MessagePage is a branch, or the newest part of it, oldest first.
type MessagePage struct {
	Messages []Message `json:"messages"`
	// Before continues with what comes before the first of these; empty: the
	// branch begins here.
	Before string `json:"before,omitempty"`
}

// Hit is one message found by a search.
type Hit struct {
	Conversation string    `json:"conversation"`
	Title        string    `json:"title"`
	Message      string    `json:"message"`
	Role         string    `json:"role"`
	CreatedAt    time.Time `json:"created_at"`
	Snippet      string    `json:"snippet"`
	Marks        [][2]int  `json:"marks"` // byte ranges of Snippet that matched
}

// SearchPage is a page of hits, newest first.
type SearchPage struct {
	Hits []Hit  `json:"hits"`
	Next string `json:"next,omitempty"`
}
