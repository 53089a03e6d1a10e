package generate

import (
	"context"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

// Run makes the call and returns when it has ended, or ctx has. A cancelled ctx
// ends the provider's work and the result's Err is ctx's cause as a fault.
func (c *Caller) Run(ctx context.Context, call Call, sink Sink) Result {
	var entries []usage.Entry
	for number := 1; ; number++ {
		a := c.attempt(ctx, call, sink, number)
		if a.billable() {
			entries = append(entries, a.entry())
		}
		wait, again := c.again(ctx, a, number)
		if !again {
			return result(a, entries)
		}
		c.options.Logger.InfoContext(ctx, "calling the provider again", "model", call.Route.Model.ID(),
			"attempt", number+1, "wait", wait, "error", a.err)
		sink.Retrying(number+1, wait, a.err)
		if err := pause(ctx, wait); err != nil {
			a.err = err
			return result(a, entries)
		}
	}
}

func result(a *attempt, entries []usage.Entry) Result {
	r := Result{Err: a.err, Finish: a.finish, Entries: entries}
	if n := len(entries); n > 0 {
		r.Entry = entries[n-1]
	}
	return r
}

// again decides whether to try once more, and after how long.
func (c *Caller) again(ctx context.Context, a *attempt, number int) (time.Duration, bool) {
	if a.err == nil || a.told || number >= c.options.Attempts || ctx.Err() != nil {
		return 0, false
	}
	f := fault.Of(a.err)
	if !passing(f.Kind) || f.RetryAfter > c.options.Patience {
		return 0, false
	}
	wait := c.options.Backoff << (number - 1)
	wait = wait/2 + time.Duration(c.options.Jitter()*float64(wait/2))
	return max(wait, f.RetryAfter), true
}

// passing reports whether trouble of that kind may be over by the next attempt.
func passing(kind fault.Kind) bool {
	switch kind {
	case fault.ProviderRateLimited, fault.ProviderOverloaded, fault.ProviderUnreachable,
		fault.ProviderTimeout, fault.ProviderTruncated, fault.ProviderFailed:
		return true
	}
	return false
}

// pause waits, or returns the context's cause as a fault.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return cause(ctx)
	}
}

// cause is why ctx ended, as a fault.
func cause(ctx context.Context) error {
	err := context.Cause(ctx)
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fault.Of(err)
}
