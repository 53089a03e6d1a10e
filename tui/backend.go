package tui

import (
	"context"
	"errors"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Backend is what the interface needs of a server. Every method may wait for the
// network and is called off the update loop; all are safe for concurrent use.
// Errors that a person should act on are *Failure.
type Backend interface {
	Library
	Turns
	Accounts
}

// Library is the conversations.
type Library interface {
	// Conversations is a page of the list, newest first. An empty cursor is the
	// first page.
	Conversations(ctx context.Context, cursor string) (wire.ConversationPage, error)
	// Conversation finds one by its id, or by the beginning of it.
	Conversation(ctx context.Context, id string) (wire.Conversation, error)
	// Messages is the newest part of the conversation's branch, or what comes
	// before a cursor, oldest first.
	Messages(ctx context.Context, conversation, before string) (wire.MessagePage, error)
	// Search finds messages by their text, the archived too.
	Search(ctx context.Context, query string) (wire.SearchPage, error)
	Change(ctx context.Context, conversation string, change wire.ConversationChange) (wire.Conversation, error)
	Delete(ctx context.Context, conversation string) error
	// Restore takes a Delete back.
	Restore(ctx context.Context, conversation string) (wire.Conversation, error)
	// Watch tells, until ctx ends, that something has changed, and how the
	// connection stands: that it does, once it listens (what changed before is
	// not told again), that it was lost, and that it stands again. It connects
	// again by itself.
	Watch(ctx context.Context, told func(Change)) error
}

// Turns is questions and answers.
type Turns interface {
	Models(ctx context.Context) (wire.ModelList, error)
	// Ask begins a turn. Repeated with the same id it attaches.
	Ask(ctx context.Context, conversation string, turn wire.NewTurn) (Stream, error)
	// Attach follows a turn from its beginning.
	Attach(ctx context.Context, turn string) (Stream, error)
	// Cancel stops a turn. That it has ended already is no error.
	Cancel(ctx context.Context, turn string) error
	// About says who answers.
	About(ctx context.Context) (Server, error)
}

// Accounts is what has been used, and what is left.
type Accounts interface {
	// Limits is what the account has, and has left.
	Limits(ctx context.Context) (wire.Limits, error)
	// Usage sums up the account's current period, by wire.ByDay and so on; days are
	// those of a time zone, by its IANA name, or of the server's choice.
	Usage(ctx context.Context, by, zone string) (wire.UsageSummary, error)
	// Advice is how the same could have cost less.
	Advice(ctx context.Context, zone string) (wire.AdviceReport, error)
	// Rate says what the person thinks of an answer, in the place of what they
	// thought of it before.
	Rate(ctx context.Context, message string, r wire.NewRating) (wire.Rating, error)
	// Unrate takes that back; where there is nothing, it is nothing.
	Unrate(ctx context.Context, message string) error
}

// Stream is a turn's events in order, each once. Next waits; after the terminal
// event it returns io.EOF. It connects again by itself, and says so by events.
type Stream interface {
	Next(ctx context.Context) (Event, error)
	Close() error
}

// Event is one event of a turn. Of its pointers the one is set that belongs to
// the name; an unknown name is to be ignored.
type Event struct {
	Name       string // as in package wire, or EventConnection
	Delta      *wire.Delta
	Snapshot   *wire.Snapshot
	Notice     *wire.Notice
	End        *wire.End
	Connection *Connection
}

// EventConnection is the name of the events that a Stream makes itself.
const EventConnection = "connection"

// Connection says that the way to the server was lost, or is there again.
type Connection struct {
	Lost             bool
	Attempt, Allowed int
	Wait             time.Duration // until the attempt
}

// Change is what Watch tells.
type Change struct {
	Rev  int64 // of the account; 0: the connection stands now, anything may have changed
	Lost error // why there is no connection; nil: there is one
}

// Server says who answers.
type Server struct {
	Name    string // how a person calls it: "local", or its host
	Local   bool
	Version string
}

// Failure is a refusal that a person can act on.
type Failure struct {
	Code wire.Code // empty: the server was not reached
	Text string    // a sentence
	Err  error     // the cause; may be nil

	// Subject is what it is about: with wire.TurnRunning the running turn.
	Subject string

	// After is when it may be tried again; 0: unknown.
	After time.Duration
}

func (f *Failure) Error() string { return f.Text }
func (f *Failure) Unwrap() error { return f.Err }

// asFailure makes a Failure of any error.
func asFailure(err error) *Failure {
	if f, ok := errors.AsType[*Failure](err); ok {
		return f
	}
	return &Failure{Text: err.Error(), Err: err}
}
