package client

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
)

// maxEvent is how many bytes one event may have: a snapshot holds a whole
// answer.
const maxEvent = 32 << 20

// lasting is how long a connection must have held to count as a good one,
// although it brought nothing new.
const lasting = 10 * time.Second

// connection is one connection of a stream.
type connection struct {
	url    string
	status int
	body   io.ReadCloser
	reader *sse.Reader
	retry  time.Duration

	ctx     context.Context
	cancel  context.CancelCauseFunc
	silence *time.Timer
	limit   time.Duration
	now     func() time.Time
	since   time.Time

	aborted atomic.Bool // by a context that was watched

	mu      sync.Mutex // of what follows: close may come from another goroutine
	closed  bool
	watched <-chan struct{} // that context's Done
	unwatch func() bool
}

// errSilent ends a connection that has brought nothing for too long.
var errSilent = &limitError{"no sign of life"}

// connect opens a stream that lives until ctx ends; waiting and patience, which may
// end sooner, are for the opening only.
func (c *Client) connect(ctx, waiting context.Context, patience time.Duration, method, path string, body any, lastID string) (*connection, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(waiting, func() { cancel(context.Cause(waiting)) })
	defer stop()
	conn := &connection{ctx: ctx, cancel: cancel, limit: c.retry.Silence, now: c.now, since: c.now()}
	conn.silence = time.AfterFunc(patience, func() { cancel(errSilent) })
	if err := c.openStream(ctx, conn, method, path, body, lastID); err != nil {
		conn.close()
		return nil, err
	}
	conn.silence.Reset(conn.limit)
	return conn, nil
}

func (c *Client) openStream(ctx context.Context, conn *connection, method, path string, body any, lastID string) error {
	req, err := c.request(ctx, method, path, nil, body)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", typeStream)
	req.Header.Set("Accept-Encoding", "identity") // a compressor would hold events back
	req.Header.Set("Cache-Control", "no-cache")
	if lastID != "" {
		req.Header.Set(wire.HeaderLastEventID, lastID)
	}
	resp, err := c.do(req) //nolint:bodyclose // the connection closes it, whatever happens
	if err != nil {
		return err
	}
	conn.url, conn.status, conn.body = req.URL.Redacted(), resp.StatusCode, resp.Body
	if mediaType(resp) != typeStream {
		return protocolError(resp, "answered with "+describe(resp)+" where a stream was expected: is a proxy in the way?", nil)
	}
	conn.reader = sse.NewReader(conn, c.maxEvent)
	return nil
}

// Read reads the body; every byte is a sign of life.
func (c *connection) Read(p []byte) (int, error) {
	n, err := c.body.Read(p)
	if n > 0 {
		c.silence.Reset(c.limit)
	}
	return n, err
}

// next returns the next event that is known. Its error is a *brokenError, or a
// *ProtocolError where connecting again would not help.
func (c *connection) next() (Event, error) {
	for {
		raw, err := c.raw()
		if err != nil {
			return Event{}, err
		}
		ev, known, err := decodeEvent(raw.Name, raw.ID, raw.Data)
		if err != nil {
			return Event{}, c.misunderstood(err)
		}
		if known {
			return ev, nil
		}
	}
}

// raw returns the next event. One that was cut short is none: it will come
// again.
func (c *connection) raw() (sse.Event, error) {
	raw, err := c.reader.Next()
	var limit *sse.LimitError
	switch {
	case err == nil:
		c.retry = raw.Retry
		return raw, nil
	case errors.As(err, &limit):
		return sse.Event{}, c.misunderstood(err)
	case errors.Is(err, io.EOF), errors.Is(err, sse.ErrCut):
		err = errNoEnd
	}
	if errors.Is(context.Cause(c.ctx), errSilent) {
		err = errSilent
	}
	return sse.Event{}, &brokenError{err: err, retry: c.retry}
}

func (c *connection) misunderstood(err error) error {
	return &ProtocolError{URL: c.url, Status: c.status, Reason: "told something that is not understood", Err: err}
}

// lasted reports whether the connection was a good one.
func (c *connection) lasted() bool { return c.now().Sub(c.since) >= lasting }

// watch ends the connection when ctx does. It is cheap to call again with the
// same.
func (c *connection) watch(ctx context.Context) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if ctx.Done() == c.watched || c.closed {
		return
	}
	if c.unwatch != nil {
		c.unwatch()
	}
	c.watched, c.unwatch = ctx.Done(), context.AfterFunc(ctx, func() {
		c.aborted.Store(true)
		c.cancel(context.Canceled)
	})
}

func (c *connection) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed = true; c.unwatch != nil {
		c.unwatch()
	}
	c.silence.Stop()
	c.cancel(context.Canceled)
	if c.body != nil {
		_ = c.body.Close()
	}
}

// neverConnected reports whether err is a connection that could not be made, as
// opposed to one that broke.
func neverConnected(err error) bool {
	var op *net.OpError
	var dns *net.DNSError
	var refused interface{ NeverConnected() bool }
	return errors.As(err, &op) && op.Op == "dial" || errors.As(err, &dns) ||
		errors.As(err, &refused) && refused.NeverConnected()
}
