package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/aichat-term/aichat/bench/stub"
	"github.com/aichat-term/aichat/client/wire/sse"
)

// streamLimit is the longest that a stream may take.
const streamLimit = time.Minute

// heard is what one stream was like.
type heard struct {
	first time.Duration   // from asking to the first delta
	lag   []time.Duration // of each delta, from its sending to its arrival
	err   error
}

// listen asks for one answer and takes it in to its end.
func listen(ctx context.Context, client *http.Client, t target, p stub.Profile) heard {
	ctx, cancel := context.WithTimeout(ctx, streamLimit)
	defer cancel()
	req, err := t.request(ctx, p.Model())
	if err != nil {
		return heard{err: err}
	}
	asked := time.Now()
	res, err := client.Do(req)
	if err != nil {
		return heard{err: err}
	}
	defer func() { _ = res.Body.Close() }() // read to its end, or given up
	if res.StatusCode != http.StatusOK {
		return heard{err: fmt.Errorf("status %s", res.Status)}
	}
	h := heard{lag: make([]time.Duration, 0, p.Deltas)}
	h.err = h.take(sse.NewReader(res.Body, 0), t, p, asked)
	return h
}

// take reads a stream's events and checks that they hold every record once, in
// order.
func (h *heard) take(r *sse.Reader, t target, p stub.Profile, asked time.Time) error {
	var rest []byte // of a record that came in pieces
	for {
		ev, err := r.Next()
		if err != nil {
			return fmt.Errorf("after %d deltas: %w", len(h.lag), err)
		}
		text, end, err := t.text(ev)
		if err != nil {
			return err
		}
		now := time.Now()
		for rest = append(rest, text...); len(rest) >= p.Size; rest = rest[p.Size:] {
			rec, err := stub.ParseRecord(rest[:p.Size])
			if err != nil {
				return err
			}
			if rec.Number != len(h.lag) {
				return fmt.Errorf("delta %d came where %d was due", rec.Number, len(h.lag))
			}
			if rec.Number == 0 {
				h.first = now.Sub(asked)
			}
			h.lag = append(h.lag, now.Sub(rec.Sent))
		}
		if end {
			return errors.Join(h.whole(rest, p), drain(r))
		}
	}
}

// drain reads what follows the end, so that the connection can be used again.
func drain(r *sse.Reader) error {
	ev, err := r.Next()
	if err == nil {
		return fmt.Errorf("an event %s after the end", ev.Name)
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

func (h *heard) whole(rest []byte, p stub.Profile) error {
	if len(h.lag) != p.Deltas || len(rest) != 0 {
		return fmt.Errorf("the answer ended with %d deltas and %d bytes", len(h.lag), len(rest))
	}
	return nil
}

// drive runs n streams beside each other, begun evenly over ramp.
func drive(ctx context.Context, t target, p stub.Profile, n int, ramp time.Duration) ([]heard, error) {
	tr := transport()
	defer tr.CloseIdleConnections()
	client := &http.Client{Transport: tr}

	all := make([]heard, n)
	var wg sync.WaitGroup
	began := time.Now()
	for i := range all {
		if err := until(ctx, began.Add(ramp*time.Duration(i)/time.Duration(n))); err != nil {
			break
		}
		wg.Go(func() { all[i] = listen(ctx, client, t, p) })
	}
	wg.Wait()
	for i, h := range all {
		if h.err != nil {
			return nil, fmt.Errorf("%s: stream %d of %d: %w", t.name, i, n, h.err)
		}
	}
	return all, ctx.Err()
}

// until waits for a moment.
func until(ctx context.Context, at time.Time) error {
	wait := time.Until(at)
	if wait <= 0 {
		return ctx.Err()
	}
	select {
	case <-time.After(wait):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

var errNoStreams = errors.New("the number of streams is at least one")
