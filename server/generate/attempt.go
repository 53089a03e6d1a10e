package generate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/shallow"
)

// attempt is one call of the provider: what it brought, and how it ended.
type attempt struct {
	call    *Call
	journey *journey
	route   *provider.Route // the journey's, at the time
	number  int

	started    time.Time
	firstToken time.Time
	ended      time.Time

	accepted  bool // the provider took the request: it may bill
	told      bool // something of the answer has reached the sink
	silent    bool // it was ended for its silence
	gathered  bool // its stream says when the sink is to be flushed
	requestID string
	finish    provider.FinishReason
	reported  bool // the provider has said something of usage
	usage     provider.Usage
	bytes     int   // of the answer so far
	asked     int64 // how many tokens it was asked to have at most; 0: nothing was said
	most      int   // how many bytes are taken of it
	err       error

	event provider.Event // the last one; here and not on the stack, which is held while waiting
}

func (c *Caller) attempt(ctx context.Context, call *Call, j *journey, sink Sink, number int) *attempt {
	a := new(attempt)
	a.call, a.journey, a.route, a.number, a.started = call, j, j.route, number, c.options.Now()
	a.asked = j.request.MaxTokens
	a.most = c.options.bound(longest(a.asked, &j.route.Model))
	watched, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watchdog := time.AfterFunc(c.options.patience(&a.route.Endpoint), func() { cancel(errSilent) })
	defer watchdog.Stop()

	c.conclude(watched, a, c.follow(watched, a, sink, watchdog))
	return a
}

// conclude notes how an attempt has ended.
//
//go:noinline
func (c *Caller) conclude(ctx context.Context, a *attempt, err error) {
	if err != nil && ctx.Err() != nil {
		err = cause(ctx) // what ended the context is the reason, not what broke then
	}
	a.silent = errors.Is(err, errSilent)
	a.err = a.hushed(err)
	a.ended = c.options.Now()
	if err != nil && a.accepted && ofTheKey(fault.Of(err).Kind) { // it was taken, and refused then
		c.options.Keys.Note(&a.route.Endpoint, err)
	}
	used, odd := a.usage.Credible(&a.route.Model)
	// What a user's own endpoint reports is nobody else's measure.
	if guessed, text := a.call.guess(); err == nil && text && !odd && !a.route.Endpoint.Own() {
		c.options.Ratios.Learn(&a.route.Model, guessed, used.Prompt())
	}
	if odd {
		c.options.Logger.ErrorContext(ctx, "the provider reported usage that cannot be true",
			"model", a.route.Model.ID(), "key", a.route.Endpoint.KeyID, "request_id", a.requestID, "reported", a.usage, "believed", used)
	}
}

// follow calls the provider and passes its events on until the answer ends.
// An adapter that panics ends its own call and no other.
func (c *Caller) follow(ctx context.Context, a *attempt, sink Sink, watchdog *time.Timer) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = brokenBy(broken)
		}
	}()
	if err := ctx.Err(); err != nil {
		return err
	}
	stream, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer c.leave(a, stream)
	watchdog.Reset(c.options.FirstToken)

	for {
		switch err := stream.Next(&a.event); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		first := !a.told
		if err := c.take(a, &a.event, sink); err != nil {
			return err
		}
		watchdog.Reset(c.options.alive(a.told))
		if !a.gathered {
			sink.Flush()
		}
		if first && a.told {
			a.gathered = c.gather(stream, sink)
		}
	}
}

// gather lets a stream that has brought its first token be read in larger pieces
// where many others are. It reports whether the stream can: then it also says
// when its sink is to be flushed, and it has to be left.
func (c *Caller) gather(s provider.Stream, sink Sink) bool {
	g, ok := s.(provider.Gatherer)
	if ok {
		c.crowd.join()
		g.Gather(func(more bool) {
			sink.Flush()
			if !more {
				c.crowd.rest()
			}
		})
	}
	return ok
}

// leave is the end of a stream, whatever was its end.
func (c *Caller) leave(a *attempt, stream provider.Stream) {
	if a.gathered {
		c.crowd.leave()
	}
	_ = stream.Close() // the answer is in, or lost: nothing to learn from closing
}

// brokenBy is the fault of an adapter that panicked.
//
//go:noinline
func brokenBy(what any) error {
	return fault.Wrap(fmt.Errorf("panic: %v\n%s", what, debug.Stack()), fault.Internal, "")
}

// open begins the provider's stream, which is deep work before a long wait.
//
//go:noinline
func (c *Caller) open(ctx context.Context, a *attempt) (stream provider.Stream, err error) {
	endpoint, err := c.options.Keys.Open(ctx, a.route.Endpoint)
	if err != nil {
		return nil, err
	}
	err = shallow.Call(func() error {
		stream, err = a.route.Provider.Stream(ctx, endpoint, a.journey.request)
		return err
	})
	left := err != nil && ctx.Err() != nil
	if !left {
		c.options.Keys.Note(&a.route.Endpoint, err)
	}
	// A provider that was left, or fell silent, over the request may have begun to
	// work.
	a.accepted = err == nil || left
	return stream, err
}

// take notes one event and passes it on if it is part of the answer.
func (c *Caller) take(a *attempt, ev *provider.Event, sink Sink) error {
	switch ev.Type {
	case provider.Began:
		a.requestID = ev.RequestID
	case provider.UsageNow:
		a.reported, a.usage = true, ev.Usage
	case provider.Finish:
		a.finish = ev.Finish
		if ev.Usage != (provider.Usage{}) {
			a.reported, a.usage = true, ev.Usage
		}
	case provider.TextDelta, provider.ReasoningDelta, provider.ToolDelta, provider.PartOpaque:
		if a.firstToken.IsZero() {
			a.firstToken = c.options.Now()
		}
		if a.bytes += len(ev.Text) + len(ev.Opaque) + len(ev.CallID) + len(ev.Name); a.bytes > a.most {
			a.bytes = a.most // what came beyond it is not kept
			return overlong(a.asked)
		}
		if !a.told {
			a.told = true
			a.journey.release()
		}
		sink.Event(ev)
	}
	return nil
}
