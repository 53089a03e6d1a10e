package turn

import (
	"context"
	"time"
)

// Feed follows one turn for one client: first what the client has not seen yet,
// then what comes, then the end. It is used by one goroutine.
//
// A Feed holds no copy of the text and no queue: it remembers a position, and a
// client that is slow simply gets more at once. So a slow reader costs nobody
// anything, and under load text is sent in fewer, larger pieces by itself.
type Feed interface {
	// Status is the turn as it stood when the feed was made.
	Status() Status

	// Next waits until there is something to tell, but not longer than idle:
	// then it returns an Idle update. After End it returns io.EOF. It fails
	// when ctx ends, or with Unavailable when the store cannot be read.
	Next(ctx context.Context, idle time.Duration) (Update, error)

	// Close lets go of the turn, which runs on.
	Close()
}
