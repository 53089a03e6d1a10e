package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// drainTime is how long the end of a finished response is waited for, so that
// its connection can be used again.
const drainTime = 50 * time.Millisecond

// Events is the event stream of one answer. It is used by one goroutine.
type Events struct {
	ctx    context.Context // the caller's: tells cancelled from broken
	cancel context.CancelFunc
	client *Client
	to     provider.Endpoint
	header http.Header
	body   io.ReadCloser
	source source
	reader *sse.Reader
	scan   jsonscan.Scanner
	cut    bool // the last event is one that the stream's end cut off
}

func newEvents(ctx context.Context, cancel context.CancelFunc, c *Client, to provider.Endpoint, resp *http.Response) *Events {
	e := &Events{
		ctx: ctx, cancel: cancel, client: c, to: to,
		header: resp.Header, body: resp.Body, source: source{body: resp.Body},
	}
	e.reader = sse.NewReader(&e.source, 0)
	return e
}

// Gather is provider.Gatherer's, for the streams that are read from e.
func (e *Events) Gather(dry func(more bool)) { e.source.dry = dry }

// Header is the response's header.
func (e *Events) Header() http.Header { return e.header }

// Comments makes Next return comment lines too; see sse.Reader.
func (e *Events) Comments() { e.reader.Comments = true }

// Next returns the next event, whose data is valid until the call after. It
// returns io.EOF at the end of the response, whether or not that is the end of
// the answer; a broken connection is a ProviderTruncated fault, an oversized
// event ProviderMalformed, and a context that has ended returns its error.
//
// An event that lacks its final newlines is returned like any other: Decode
// finds out whether it is whole.
func (e *Events) Next() (sse.Event, error) {
	ev, err := e.reader.Next()
	if err != nil {
		err = e.ended(err)
	}
	return ev, err
}

// ended is what Next says of the reader's error; nil for an event that was cut.
// It is apart so that Next, in which thousands wait, has a small frame.
//
//go:noinline
func (e *Events) ended(err error) error {
	switch {
	case errors.Is(err, sse.ErrCut):
		e.cut = true
		return nil
	case e.ctx.Err() != nil:
		return e.ctx.Err()
	case err == io.EOF: //nolint:errorlint // the reader's own end, not a wrapped one
		return io.EOF
	}
	if _, over := errors.AsType[*sse.LimitError](err); over {
		return fault.Wrap(err, fault.ProviderMalformed, "")
	}
	return fault.Wrap(err, fault.ProviderTruncated, "")
}

// Shape is what a vendor's events are read into: for encoding/json, and for a
// Scanner those events that come by the thousand.
type Shape interface {
	// Reset empties the value. It may keep memory.
	Reset()

	// Scan reads one event into the empty value, by exact keys, as
	// encoding/json would. It fails the Scanner at whatever it does not know how
	// to read.
	Scan(s *jsonscan.Scanner)
}

// Read reads the data of the last event into the value, whatever was there
// before: by its Scan, or, should that fail, by Decode, which finds out whether
// the event is out of order or only out of the ordinary. Its errors are
// Decode's.
func (e *Events) Read(data []byte, into Shape) error {
	into.Reset()
	e.scan.Reset(data)
	if into.Scan(&e.scan); e.scan.Whole() {
		return nil
	}
	into.Reset()
	return e.Decode(data, into)
}

// Decode decodes the data of the last event as encoding/json does. What is no
// JSON is a ProviderMalformed fault, or ProviderTruncated if the response ended
// in it; the stream cannot be read on after either.
func (e *Events) Decode(data []byte, into any) error {
	err := json.Unmarshal(data, into)
	switch {
	case err == nil:
		return nil
	case e.cut:
		return fault.Wrap(err, fault.ProviderTruncated, "")
	}
	return fault.Wrap(err, fault.ProviderMalformed, "")
}

// Truncated is the fault of an answer that ended without its marker.
func (e *Events) Truncated() error {
	return fault.Wrap(io.ErrUnexpectedEOF, fault.ProviderTruncated, "")
}

// Fault is the fault for trouble that the vendor reports within the stream. A
// kind that the vendor's adapter did not know is ProviderFailed.
func (e *Events) Fault(t Trouble) error {
	if t.Kind == fault.Internal {
		t.Kind = fault.ProviderFailed
	}
	return e.client.fault(e.to, http.StatusOK, t)
}

// End is called once, after the vendor's end marker: it waits a moment for the
// end of the response, so that the connection can be used again, and returns
// io.EOF.
func (e *Events) End() error {
	timer := time.AfterFunc(drainTime, e.cancel)
	defer timer.Stop()
	var rest [512]byte
	for range 8 {
		if _, err := e.body.Read(rest[:]); err != nil {
			break
		}
	}
	return io.EOF
}

// Close ends the call and frees its connection. It may be called more than
// once.
func (e *Events) Close() error {
	err := e.body.Close()
	e.cancel()
	return err
}
