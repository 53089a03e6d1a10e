package turn

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// ID names a turn within its account: it is the id of its answer.
type ID = conversation.MessageID

// Ref names a turn everywhere.
type Ref struct {
	Account identity.AccountID
	ID      ID
}

// State is where a turn stands.
type State string

// The states: Running, then one of the others for ever.
const (
	Running     State = "running"
	Completed   State = "complete"
	Cancelled   State = "cancelled"
	Failed      State = "failed"
	Interrupted State = "interrupted"
)

// Record is a turn as it is stored.
type Record struct {
	Ref
	Conversation conversation.ID
	Question     conversation.MessageID
	Member       identity.UserID

	// Model is the one that answers, as provider/name: at first the one that was
	// asked, then what a Chunk said.
	Model string

	// Digest is of the request that began it: a repeated request with another
	// digest is an IDConflict.
	Digest []byte

	State     State
	StartedAt time.Time

	// Owner is the process that runs it, Epoch the fence: every write of an
	// owner carries the epoch it got, and does nothing once another took over.
	Owner string
	Epoch int64

	// CancelAsked is set by a cancel that reached another process.
	CancelAsked bool

	// Position is how many bytes of the log are stored in chunks.
	Position int64
}

// Chunk is a piece of a turn's log, from byte From on; Runs cover Text exactly,
// which may be empty.
type Chunk struct {
	Ref   Ref
	Epoch int64

	// Model, unless empty, is Record.Model from now on: another than was asked
	// answers, and whoever settles the turn after a crash has to know which.
	Model string

	From int64
	Text []byte
	Runs []Run
}

// BeginParams is what Begin stores.
type BeginParams struct {
	// Create, if not nil, is the conversation to create with the turn. Where it
	// exists already with the same content it is used as it is. Unseen says that
	// nobody has looked whether it exists: where it does, Begin stores nothing.
	Create *conversation.Conversation
	Unseen bool

	Record Record // Owner set; State, Epoch and StartedAt are Begin's

	// Ask is the question, nil where an existing message is answered anew: then
	// Record.Question names it.
	Ask *conversation.Message

	// Leaf, if not nil, is the leaf as it was read when the question was placed
	// behind it, empty where there was none: Begin stores nothing where the
	// conversation's leaf is another by now. nil: the client named the place.
	Leaf *conversation.MessageID

	// Hold, if not nil, is reserved with the turn; its ID is the turn's.
	Hold *quota.Hold

	// Lease is how long the owner's claim lasts without renewal.
	Lease time.Duration
	Now   time.Time
}

// FinishParams is what Finish stores.
type FinishParams struct {
	Ref   Ref
	Epoch int64
	State State

	// Answer is the message, written once, here.
	Answer conversation.Message

	// Entries are the ledger rows of the turn's provider calls.
	Entries []usage.Entry
	Now     time.Time
}

// Orphan is a running turn whose owner's lease has run out, claimed by the
// caller: what is needed to end it.
type Orphan struct {
	Record
	Text []byte
	Runs []Run
}

// ErrMoved says that the conversation is not as it was read, or as it was thought
// to be: that it went on before the transaction that was to store a question in it.
var ErrMoved = fault.New(fault.Unavailable, "This conversation is being changed elsewhere; try again in a moment.")

// Store keeps turns. Each method is one transaction, safe for concurrent use.
// Times of leases are the database's clock. Faults: NotFound also for what is
// another account's, Unavailable where the database is away.
type Store interface {
	// Begin stores the beginning of a turn: the conversation if it is new, the
	// question, the turn with its lease, the conversation's leaf and model, and
	// the account's next revision. It returns the record and whether it is new:
	// a repetition with the same digest returns the turn as it stands.
	//
	// Faults: IDConflict (an id was used for something else), TurnRunning (the
	// conversation runs another turn, whose id is the fault's Subject), NotFound
	// (no such conversation, or no such parent or question in it), ErrMoved (the
	// leaf is not p.Leaf, or the conversation is there and was thought not to be:
	// read it again), QuotaExhausted (the hold does not fit).
	Begin(ctx context.Context, p BeginParams) (rec Record, created bool, err error)

	// Get returns a turn that has not ended or whose answer is stored.
	Get(ctx context.Context, ref Ref) (Record, error)

	// Checkpoint appends chunks of many turns, notes which models answer now, and
	// renews the leases of all of owner's turns, in one transaction without a
	// revision. A chunk whose epoch
	// is no longer the turn's, or whose turn has ended, is left out and its ref
	// is returned in lost; so is every ref of running that owner no longer owns.
	// asked returns those of running that somebody asked to cancel.
	Checkpoint(ctx context.Context, owner string, lease time.Duration, running []Ref, chunks []Chunk) (lost, asked []Ref, err error)

	// Chunks returns what is stored of a turn's log from byte from on.
	Chunks(ctx context.Context, ref Ref, from int64) (text []byte, runs []Run, err error)

	// AskCancel marks a running turn so that its owner, wherever it is, ends it
	// at its next checkpoint. For a turn that has ended it does nothing.
	AskCancel(ctx context.Context, ref Ref) error

	// Finish ends a turn: the answer, the leaf (only if it still is the
	// question), the ledger, the state, the chunks' removal, the revision. What
	// Begin reserved is settled to p.Entries, which are charged then, and only
	// then. It reports false, having stored nothing, when the epoch is no longer
	// the turn's or the turn has ended: somebody else has ended it. The warnings
	// are what the user is to be told of the limits, once.
	Finish(ctx context.Context, p FinishParams) (bool, []quota.Warning, error)

	// Claim takes over up to limit running turns whose lease has run out, for
	// owner, raising their epoch. With all it takes every running turn of other
	// owners whatever their lease: only for a database that one process alone
	// can open.
	Claim(ctx context.Context, owner string, lease time.Duration, all bool, limit int) ([]Orphan, error)
}
