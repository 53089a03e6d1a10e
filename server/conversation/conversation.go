package conversation

import (
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// ID names a conversation within its account: a UUID in canonical text form,
// made by whoever creates the conversation.
type ID string

// MessageID names a message within its account, likewise.
type MessageID string

// NewID returns a fresh UUIDv7 for anything that the server itself creates.
// Nothing may be ordered by it.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// CheckID returns an Invalid fault unless s is a UUID in canonical form.
func CheckID(what, s string) error {
	if id, err := uuid.Parse(s); err != nil || id.String() != s {
		return &fault.Error{Kind: fault.Invalid, Subject: what,
			Message: what + " must be a UUID in lower-case canonical form."}
	}
	return nil
}

// Origin says how a conversation began.
type Origin string

// The origins.
const (
	FromChat Origin = "chat"
	FromAsk  Origin = "ask" // kept and searchable, but unlisted until opened
)

// Conversation is the head of a tree of messages.
type Conversation struct {
	Account identity.AccountID
	ID      ID

	Title string
	// TitleByUser says that a person chose the title: a generated one never
	// replaces it.
	TitleByUser bool

	Model  string // provider/name; empty: not chosen yet
	System string // the system prompt; empty: none
	Origin Origin

	// Listed says whether sidebars show it.
	Listed bool

	// Leaf is the newest message of the branch shown; empty: no messages.
	Leaf MessageID

	// ForkOf and ForkAt say where a fork came from; empty: not a fork.
	ForkOf ID
	ForkAt MessageID

	CreatedAt time.Time
	UpdatedAt time.Time
	DeletedAt time.Time // zero: not deleted
	Rev       int64     // the account's revision of its last change

	// Running is the id of the turn that runs on it now; empty: none. It is
	// read with the conversation, not written with it.
	Running MessageID
}

// Change is what may be changed of a conversation; nil leaves a field as it is.
type Change struct {
	Title  *string // by a person: sets TitleByUser
	Model  *string
	System *string
	Listed *bool

	// Leaf chooses the branch to show by any message of the conversation: the
	// newest end below that message becomes the leaf, so that choosing an older
	// alternative shows all that followed it.
	Leaf *MessageID
}
