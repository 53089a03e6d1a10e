package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Stream tells what a turn says, from its beginning or from where the caller
// was: every delta once, in order, whatever happens to connections on the way.
//
// Next is called by one goroutine at a time; Close by any. A Stream has no
// goroutine of its own: it reads when Next is called.
type Stream struct {
	client       *Client
	conversation string
	begin        *wire.NewTurn // repeated until its turn is known to exist
	turn         string

	ctx    context.Context // ends with the Stream
	cancel context.CancelFunc

	lastID string
	told   bool // the turn event was told
	err    error

	failures int    // in a row
	refusal  *Error // the last one since something was heard
	retryIn  wait   // before the next connection, while there is none
	heard    bool   // the server, or what stands before it, has answered once
	mute     bool   // it has not, and a connection has ended in silence
	lost     bool   // the caller was told so, or will be by untold
	untold   *Event // told by the first Next

	mu   sync.Mutex // of conn, which Close closes
	conn *connection
}

// wait is a pause that was announced to the caller.
type wait struct {
	pending bool
	length  time.Duration
}

// errNoEnd says that a stream ended in good order, but without a terminal
// event: something on the way closed it.
var errNoEnd = errors.New("the connection was closed in the middle of the answer")

// errAbandoned is a connection that ended because the caller no longer waited:
// nothing is wrong with the way.
var errAbandoned = errors.New("no longer waited for")

// StartTurn begins a turn and listens to it. It returns when the server has
// taken the turn, or has refused it: then there is an *Error and no turn. ctx is
// for the Stream's whole life. Ending it, or closing the Stream, does not end
// the turn: that is CancelTurn.
//
// Where the connection breaks before the server has answered, or the server is
// about to restart, the Stream returned has lost its connection already, and
// Next begins the turn again: the server knows it by its id.
func (c *Client) StartTurn(ctx context.Context, conversation string, n wire.NewTurn) (*Stream, error) {
	s := c.newStream(ctx, n.ID)
	s.conversation, s.begin = conversation, &n
	return s.open()
}

// Attach listens to a turn that was begun before, after the event lastEventID
// (empty: from the beginning). Otherwise it is like StartTurn.
func (c *Client) Attach(ctx context.Context, turn, lastEventID string) (*Stream, error) {
	s := c.newStream(ctx, turn)
	s.lastID = lastEventID
	return s.open()
}

func (c *Client) newStream(ctx context.Context, turn string) *Stream {
	ctx, cancel := context.WithCancel(ctx)
	return &Stream{client: c, turn: turn, ctx: ctx, cancel: cancel}
}

// open makes the first connection.
func (s *Stream) open() (*Stream, error) {
	err := s.connect(s.ctx)
	if err == nil {
		return s, nil
	}
	if !transientAtFirst(err) {
		s.cancel()
		return nil, err
	}
	ev, err := s.lose(err)
	if err != nil {
		s.cancel()
		return nil, err
	}
	s.untold = &ev
	return s, nil
}

// TurnID is the turn's id.
func (s *Stream) TurnID() string { return s.turn }

// LastEventID is the id of the last event told: where Attach continues.
func (s *Stream) LastEventID() string { return s.lastID }

// Close ends the Stream, and a Next that waits. The turn runs on.
func (s *Stream) Close() {
	s.cancel()
	s.drop()
}

// Next waits for the next event. After the terminal event it returns io.EOF.
//
// A lost connection is an event too, and the following calls wait and connect
// again, until an event says that it is there again or the attempts are used
// up: then the error is an *UnreachableError, or the *Error that the server
// gave. A turn that the server has forgotten is a *GoneError. Every error but
// ctx's own is final. When ctx ends, only the waiting ends: the next call goes
// on where this one was.
func (s *Stream) Next(ctx context.Context) (Event, error) {
	if s.err != nil {
		return Event{}, s.err
	}
	if s.untold != nil {
		ev := *s.untold
		s.untold = nil
		return ev, nil
	}
	ev, err := s.next(ctx)
	switch {
	case err == nil:
		return ev, nil
	case s.ctx.Err() != nil:
		err = context.Cause(s.ctx)
	case ctx.Err() != nil:
		s.drop() // what was read of an event is read again
		return Event{}, context.Cause(ctx)
	}
	s.fail(err)
	return Event{}, s.err
}

func (s *Stream) fail(err error) {
	s.err = err
	s.Close()
}

func (s *Stream) next(ctx context.Context) (Event, error) {
	for {
		if s.connection() == nil {
			ev, told, err := s.reconnect(ctx)
			if told || err != nil {
				return ev, err
			}
		}
		ev, err := s.read(ctx)
		switch {
		case errors.Is(err, errAbandoned) && ctx.Err() == nil && s.ctx.Err() == nil:
			s.drop()
		case err != nil && (ctx.Err() != nil || s.ctx.Err() != nil):
			return Event{}, err
		case err != nil:
			return s.lose(err)
		case ev.Name != wire.EventTurn || !s.told:
			return s.take(ev), nil
		}
	}
}

// take notes that an event is being told.
func (s *Stream) take(ev Event) Event {
	if ev.ID != "" {
		s.lastID = ev.ID
	}
	s.begin = nil // the server has the turn
	if ev.Name == wire.EventTurn {
		s.told = true
		return ev
	}
	s.failures, s.refusal = 0, nil
	if ev.Terminal() {
		s.fail(io.EOF)
	}
	return ev
}

// read returns the next event of the connection.
func (s *Stream) read(ctx context.Context) (Event, error) {
	conn := s.connection()
	if conn == nil {
		return Event{}, errNoEnd // closed by Close
	}
	conn.watch(ctx)
	ev, err := conn.next()
	if err != nil && conn.aborted.Load() {
		err = errAbandoned
	}
	return ev, err
}

// connect makes a connection: it begins the turn if nothing of it was heard
// yet, and else attaches to it.
func (s *Stream) connect(ctx context.Context) error {
	method, path, body := http.MethodGet, wire.TurnPath(s.turn, wire.BelowEvents), any(nil)
	if s.begin != nil {
		method, path, body = http.MethodPost, wire.ConversationPath(s.conversation, wire.BelowTurns), s.begin
	}
	conn, err := s.client.connect(s.ctx, ctx, s.patience(), method, path, body, s.lastID)
	if err != nil {
		return err
	}
	s.heard = true
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conn = conn
	return nil
}

func (s *Stream) connection() *connection {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.conn
}

// drop closes the connection, if there is one.
func (s *Stream) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.conn != nil {
		s.conn.close()
		s.conn = nil
	}
}
