package generate

import (
	"context"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// Run makes the call and returns when it has ended, or ctx has. A cancelled ctx
// ends the provider's work and the result's Err is ctx's cause as a fault.
//
// Its frame, and those of what it calls while an answer streams, are kept small
// on purpose: thousands of them wait at once.
func (c *Caller) Run(ctx context.Context, call *Call, sink Sink) *Result {
	r := &Result{}
	for number := 1; ; number++ {
		a := c.attempt(ctx, call, sink, number)
		r.take(a)
		wait, again := c.again(ctx, a, number)
		if !again {
			return r
		}
		c.announce(ctx, a, wait, sink)
		if r.Err = pause(ctx, wait); r.Err != nil {
			return r
		}
	}
}

// take notes what came of an attempt.
//
//go:noinline
func (r *Result) take(a *attempt) {
	r.Err, r.Finish = a.err, a.finish
	if a.billable() {
		r.Entry = a.entry()
		r.Entries = append(r.Entries, r.Entry)
	}
}

// announce says that the provider is called again.
//
//go:noinline
func (c *Caller) announce(ctx context.Context, a *attempt, wait time.Duration, sink Sink) {
	c.options.Logger.InfoContext(ctx, "calling the provider again", "model", a.call.Route.Model.ID(),
		"attempt", a.number+1, "wait", wait, "error", a.err)
	sink.Retrying(a.number+1, wait, a.err)
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
