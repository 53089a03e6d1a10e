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
// Until the first token, what fails is tried again: by another key of the model
// where a key was refused, after a wait where the trouble may pass, and of the
// route's other models, once this one is given up. After it, never.
//
// Its frame, and those of what it calls while an answer streams, are kept small
// on purpose: thousands of them wait at once.
func (c *Caller) Run(ctx context.Context, call *Call, sink Sink) *Result {
	r := &Result{}
	j := newJourney(call)
	for number := 1; ; number++ {
		a := c.attempt(ctx, call, j, sink, number)
		r.take(a)
		wait, again := c.again(ctx, a, j)
		if !again {
			r.Err = j.explain(a)
			return r
		}
		c.announce(ctx, a, j, wait, sink)
		if r.Err = pause(ctx, wait); r.Err != nil {
			return r
		}
	}
}

// take notes what came of an attempt.
//
//go:noinline
func (r *Result) take(a *attempt) {
	r.Err, r.Finish, r.Route = a.err, a.finish, *a.route
	if a.billable() {
		r.Entry = a.entry()
		r.Entries = append(r.Entries, r.Entry)
	}
}

// announce says that a provider is called again.
//
//go:noinline
func (c *Caller) announce(ctx context.Context, a *attempt, j *journey, wait time.Duration, sink Sink) {
	c.options.Logger.InfoContext(ctx, "calling a provider again", "model", j.route.Model.ID(), "key", j.route.Endpoint.KeyID,
		"instead_of", a.route.Model.ID(), "attempt", a.number+1, "wait", wait, "error", a.err)
	sink.Retrying(Next{Attempt: a.number + 1, Wait: wait, Why: a.err, Route: j.route, Elsewhere: j.route.Model.ID() != a.route.Model.ID()})
}

// again decides whether to try once more, and where, which the journey notes, and
// after how long. Who was silent for as long as one may be is not asked again: that
// is no trouble of a moment, and nobody waits for it three times.
//
//go:noinline
func (c *Caller) again(ctx context.Context, a *attempt, j *journey) (time.Duration, bool) {
	if a.err == nil || a.told || ctx.Err() != nil {
		return 0, false
	}
	f := fault.Of(a.err)
	if ofTheKey(f.Kind) && j.nextKey(f) {
		return 0, true
	}
	f = j.patient(f)
	if passing(f.Kind) && !a.silent && j.tries < c.options.Attempts && f.RetryAfter <= c.options.Patience {
		j.tries++
		return max(c.backoff(j.tries-1), f.RetryAfter), true
	}
	if !movable(f.Kind) || !j.nextModel(f) {
		return 0, false
	}
	j.call.Ratio = c.options.Ratios.Of(&j.route.Model)
	return 0, true
}

// backoff is how long to wait after so many tries of a model.
func (c *Caller) backoff(tries int) time.Duration {
	wait := c.options.Backoff << (tries - 1)
	return wait/2 + time.Duration(c.options.Jitter()*float64(wait/2))
}

// ofTheKey reports whether another key may serve where this one did not.
func ofTheKey(kind fault.Kind) bool {
	switch kind {
	case fault.ProviderAuth, fault.ProviderRateLimited, fault.ProviderQuota, fault.NoKey:
		return true
	}
	return false
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

// movable reports whether trouble of that kind is the provider's, so that another
// may answer: what is wrong with the request would be so anywhere.
func movable(kind fault.Kind) bool {
	return passing(kind) || ofTheKey(kind) || kind == fault.ProviderMalformed || kind == fault.ModelUnknown
}

// pause waits, or returns the context's cause as a fault.
func pause(ctx context.Context, wait time.Duration) error {
	if wait == 0 && ctx.Err() == nil {
		return nil
	}
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
