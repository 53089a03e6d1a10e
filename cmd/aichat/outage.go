package main

import (
	"context"
	"errors"
	"time"

	"github.com/aichat-term/aichat/client"
)

// patience is how long a lost connection is nobody's business: most are there
// again by then.
const patience = 2 * time.Second

// outage is the state of the connection that an answer comes by.
type outage struct {
	after time.Duration    // how long before it is said
	say   func(never bool) // says it, and whether there was a connection at all; called once at most
	since time.Time        // zero: the connection stands
	never bool             // it has not stood yet
}

// next is the stream's next event. An outage that lasts is said while it is
// waited for.
func (o *outage) next(ctx context.Context, stream *client.Stream) (client.Event, error) {
	if o.since.IsZero() || o.say == nil {
		ev, err := stream.Next(ctx)
		o.note(ev)
		return ev, err
	}
	bounded, done := context.WithDeadlineCause(ctx, o.since.Add(o.after), errPatience)
	ev, err := stream.Next(bounded)
	done()
	if errors.Is(err, errPatience) {
		o.say(o.never)
		o.say = nil
		return o.next(ctx, stream) // the stream goes on where it was
	}
	o.note(ev)
	return ev, err
}

// errPatience ends the waiting when it is time to say something.
var errPatience = errors.New("the connection has been lost for long")

func (o *outage) note(ev client.Event) {
	if ev.Connection == nil || !ev.Connection.Lost {
		o.since = time.Time{}
		return
	}
	o.never = ev.Connection.Never
	if o.since.IsZero() {
		o.since = time.Now()
	}
}
