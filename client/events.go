package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Events yields the account's revision whenever there is something to pull. It
// goes on until ctx ends or the caller stops.
//
// A connection that stands is yielded as the revision 0 without an error: what
// changed before it is not told, so pull then.
//
// A lost connection is yielded as an error, with the revision 0, and then made
// again after a pause, however often that takes; a caller that knows better
// stops. An error that connecting again cannot cure, such as a refused sign-in,
// is the last thing yielded. So is ctx's own.
func (c *Client) Events(ctx context.Context) iter.Seq2[int64, error] {
	return func(yield func(int64, error) bool) {
		for failures := 0; ; {
			told, err := c.follow(ctx, yield)
			if err == nil {
				return // the caller stopped
			}
			if !yield(0, err) || ctx.Err() != nil || !transient(err) {
				return
			}
			if failures++; told {
				failures = 1
			}
			if !sleep(ctx, c.retry.wait(failures, 0)) {
				yield(0, context.Cause(ctx))
				return
			}
		}
	}
}

// follow yields what one connection tells. told says that it told something;
// the error is nil where the caller stopped.
func (c *Client) follow(ctx context.Context, yield func(int64, error) bool) (told bool, err error) {
	conn, err := c.connect(ctx, ctx, c.retry.Silence, http.MethodGet, wire.PathEvents, nil, "")
	if err != nil {
		return false, err
	}
	defer conn.close()
	if !yield(0, nil) {
		return false, nil
	}
	for {
		raw, err := conn.raw()
		if err != nil {
			if ctx.Err() != nil {
				err = context.Cause(ctx)
			}
			return told, err
		}
		if raw.Name != wire.EventChanged {
			continue
		}
		var changed wire.Changed
		if err := json.Unmarshal(raw.Data, &changed); err != nil {
			return told, conn.misunderstood(err)
		}
		told = true
		if !yield(changed.Rev, nil) {
			return told, nil
		}
	}
}

// sleep waits for d, or until ctx ends: then it returns false.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
