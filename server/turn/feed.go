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

// WatchedFeed is a Feed that need not be waited for: who follows a turn that runs
// in this process can be called when there is something new. It is used either by
// Next or by Look and Watch, and by one goroutine at a time.
type WatchedFeed interface {
	Feed

	// Look is Next, but that it does not wait: ok is false where there is nothing
	// to tell now. It is called on small stacks, and so fills in the caller's u.
	Look(u *Update) (ok bool, err error)

	// Watch has f called from now on whenever there may be something new, until
	// Close; what was new before is for Look to find. f is called by whoever made
	// the news, with no lock held: as a rule the goroutine that reads the provider,
	// which it must not keep waiting. It may be called by several at once.
	Watch(f func())
}
