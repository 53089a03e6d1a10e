package client

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// EventConnection is the name of the events that a Stream makes itself.
const EventConnection = "connection"

// Event is one event of a turn's stream. Name says which of the pointers is
// set: wire.EventTurn sets Turn, a terminal event End, and so on.
type Event struct {
	Name string
	ID   string // position in the turn; empty with EventConnection

	Turn       *wire.Turn
	Delta      *wire.Delta
	Snapshot   *wire.Snapshot
	Notice     *wire.Notice
	End        *wire.End
	Connection *Connection
}

// Terminal reports whether it is the turn's last event.
func (e Event) Terminal() bool { return e.End != nil }

// Connection says that the way to the server was lost, or is there again.
// Nothing of the answer is lost by it.
type Connection struct {
	Lost    bool
	Never   bool          // there was none yet: the server has not answered at all
	Err     error         // why, where it is lost
	Attempt int           // the attempt that comes next, from 1; of Attempts
	Allowed int           // how many attempts there are
	Wait    time.Duration // until that attempt
}

// decodeEvent decodes an event of a turn's stream. known is false for an event
// that this client has no name for, which is to be ignored.
func decodeEvent(name, id string, data []byte) (ev Event, known bool, err error) {
	ev = Event{Name: name, ID: id}
	switch {
	case name == wire.EventTurn:
		ev.Turn, err = decodeAs[wire.Turn](name, data)
	case name == wire.EventDelta:
		ev.Delta, err = decodeAs[wire.Delta](name, data)
	case name == wire.EventSnapshot:
		ev.Snapshot, err = decodeAs[wire.Snapshot](name, data)
	case name == wire.EventNotice:
		ev.Notice, err = decodeAs[wire.Notice](name, data)
	case wire.Terminal(name):
		ev.End, err = decodeAs[wire.End](name, data)
	default:
		return Event{}, false, nil
	}
	if err != nil {
		return Event{}, false, err
	}
	return ev, true, nil
}

func decodeAs[T any](name string, data []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(data, out); err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	return out, nil
}
