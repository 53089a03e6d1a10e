package conversation

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Store keeps conversations. Every method acts within one account and cannot
// tell another's thing from one that does not exist: NotFound. A method that
// changes something gives the change the account's next revision, in the same
// transaction. Methods are safe for concurrent use; Unavailable means that the
// database is away.
type Store interface {
	Heads
	Tree
	Finder
}

// Heads keeps conversations without their messages.
type Heads interface {
	// Create stores a new conversation. The same id with the same content is
	// the same thing once (nil); with other content, IDConflict. The id of a
	// deleted one is an IDConflict too.
	Create(ctx context.Context, c Conversation) error

	// Get returns one that is not deleted.
	Get(ctx context.Context, account identity.AccountID, id ID) (Conversation, error)

	// FindByPrefix returns those, at most limit, whose id begins with prefix
	// (hexadecimal digits and dashes).
	FindByPrefix(ctx context.Context, account identity.AccountID, prefix string, limit int) ([]Conversation, error)

	// List returns a page, most recently updated first. It reads no message.
	List(ctx context.Context, account identity.AccountID, q ListQuery) ([]Conversation, error)

	// Change applies a change and returns the conversation after it. NotFound
	// also where ch.Leaf is no message of the conversation.
	Change(ctx context.Context, account identity.AccountID, id ID, ch Change, now time.Time) (Conversation, error)

	// SetTitle stores a generated title, unless a person has chosen one or the
	// conversation is gone: then it does nothing.
	SetTitle(ctx context.Context, account identity.AccountID, id ID, title string, now time.Time) error

	// Delete hides the conversation and leaves a tombstone in its revision; its
	// running turn, if any, is the caller's to cancel. Deleting twice is
	// nothing.
	Delete(ctx context.Context, account identity.AccountID, id ID, now time.Time) error

	// Restore undoes a Delete that has not been purged; restoring one that is
	// not deleted is nothing.
	Restore(ctx context.Context, account identity.AccountID, id ID, now time.Time) (Conversation, error)

	// Purge removes for good what was deleted before the given time, keeping
	// the tombstones; it returns how many.
	Purge(ctx context.Context, before time.Time) (int, error)

	// Fork copies the branch that ends at message at into a new conversation
	// with fresh message ids. The new id is the caller's; idempotent like
	// Create.
	Fork(ctx context.Context, account identity.AccountID, from ID, at MessageID, to ID, now time.Time) (Conversation, error)
}

// Tree reads messages.
type Tree interface {
	// Branch returns the path from the root to leaf, oldest first. An empty
	// leaf means the conversation's own. limit > 0 keeps only the newest limit
	// messages; before, if not empty, is a message of the path: only what
	// comes before it is returned.
	Branch(ctx context.Context, account identity.AccountID, id ID, leaf, before MessageID, limit int) ([]Message, error)

	// Message returns one message.
	Message(ctx context.Context, account identity.AccountID, id MessageID) (Message, error)

	// SiblingsOf lists for each of the given messages, oldest first, the ids of
	// those that share its parent, itself included. A message that does not
	// exist is not in the map.
	SiblingsOf(ctx context.Context, account identity.AccountID, ids []MessageID) (map[MessageID][]MessageID, error)
}

// Finder finds what is wanted and what is new.
type Finder interface {
	// Search finds messages; see Query for the language. Newest first.
	Search(ctx context.Context, account identity.AccountID, q SearchQuery) ([]Hit, error)

	// Changes returns what has changed since a revision; see Delta. epoch is
	// the one that the caller saw with that revision, empty at first. A
	// SyncReset fault means that the past is gone or the store was restored.
	Changes(ctx context.Context, account identity.AccountID, epoch string, after int64, limit int) (Delta, error)
}

// ListQuery selects a page of conversations.
type ListQuery struct {
	// All includes those that sidebars do not show.
	All bool
	// Origin, if not empty, keeps only that origin.
	Origin Origin
	// After continues behind a conversation of the previous page.
	After *ListMark
	Limit int
}

// ListMark is a place in the list: keyset pagination.
type ListMark struct {
	UpdatedAt time.Time
	ID        ID
}

// SearchQuery selects a page of hits.
type SearchQuery struct {
	Query Query
	// Conversation, if not empty, searches only there.
	Conversation ID
	After        *SearchMark
	Limit        int
}

// SearchMark is a place among the hits.
type SearchMark struct {
	CreatedAt time.Time
	ID        MessageID
}

// Hit is one message found.
type Hit struct {
	Conversation ID
	Title        string
	Message      MessageID
	Role         Role
	CreatedAt    time.Time

	// Snippet is a piece of the text, of at most about 160 runes, on one line;
	// Marks are the byte ranges of it that matched.
	Snippet string
	Marks   [][2]int
}

// Delta is a page of changes, in the order of revisions.
type Delta struct {
	Epoch string
	// Rev is the revision up to which this page reaches: what to ask for next.
	Rev  int64
	More bool

	Conversations []Conversation
	Messages      []Message
	Deleted       []ID // tombstones
}
