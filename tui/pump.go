package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// tick is how often what gathered of a stream is drawn.
const tick = 33 * time.Millisecond

// pump reads a stream and hands out what gathered, at most once a tick. The first
// events are handed out at once.
type pump struct {
	cancel context.CancelFunc
	now    func() time.Time
	wake   chan struct{} // holds a token while there may be something to take

	mu     sync.Mutex
	events []Event
	err    error
	done   bool

	last time.Time // used by take only
}

// startPump opens a stream and reads it until it ends or the pump is stopped.
func startPump(ctx context.Context, now func() time.Time, open func(context.Context) (Stream, error)) *pump {
	ctx, cancel := context.WithCancel(ctx)
	p := &pump{cancel: cancel, now: now, wake: make(chan struct{}, 1)}
	go p.run(ctx, open)
	return p
}

// stop ends it. The turn goes on at the server.
func (p *pump) stop() { p.cancel() }

func (p *pump) run(ctx context.Context, open func(context.Context) (Stream, error)) {
	defer p.cancel()
	defer func() { // a panic here would leave the terminal as it is
		if r := recover(); r != nil {
			p.end(fmt.Errorf("reading the answer: %v", r))
		}
	}()
	s, err := open(ctx)
	if err != nil {
		p.end(err)
		return
	}
	defer func() { _ = s.Close() }() // nothing is lost with it
	for {
		ev, err := s.Next(ctx)
		if err != nil {
			p.end(err)
			return
		}
		p.add(ev)
		if ev.End != nil {
			p.end(io.EOF)
			return
		}
	}
}

func (p *pump) add(ev Event) {
	p.mu.Lock()
	p.events = gather(p.events, ev)
	p.mu.Unlock()
	p.signal()
}

func (p *pump) end(err error) {
	p.mu.Lock()
	if !errors.Is(err, io.EOF) {
		p.err = err
	}
	p.done = true
	p.mu.Unlock()
	p.signal()
}

func (p *pump) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// gather adds an event, a delta to the delta before it where they are of one part.
func gather(events []Event, ev Event) []Event {
	if n := len(events) - 1; n >= 0 && ev.Delta != nil && events[n].Delta != nil {
		last := events[n].Delta
		if last.Part == ev.Delta.Part && last.Type == ev.Delta.Type && ev.Delta.Name == "" {
			joined := *last
			joined.Text += ev.Delta.Text
			events[n].Delta = &joined
			return events
		}
	}
	return append(events, ev)
}

// take waits for events, and until a tick has passed since it last returned some.
// done says that nothing follows, err why if that is not the turn's end.
func (p *pump) take(ctx context.Context) (events []Event, done bool, err error) {
	select {
	case <-p.wake:
	case <-ctx.Done():
		return nil, true, ctx.Err()
	}
	if wait := tick - p.now().Sub(p.last); !p.last.IsZero() && wait > 0 && !p.ended() {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return nil, true, ctx.Err()
		}
	}
	p.last = p.now()
	p.mu.Lock()
	defer p.mu.Unlock()
	events, p.events = p.events, nil
	return events, p.done, p.err
}

func (p *pump) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.done
}
