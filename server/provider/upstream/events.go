package upstream

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
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
	reader *sse.Reader
	json   decoder
	cut    bool // the last event is one that the stream's end cut off
}

func newEvents(ctx context.Context, cancel context.CancelFunc, c *Client, to provider.Endpoint, resp *http.Response) *Events {
	return &Events{
		ctx: ctx, cancel: cancel, client: c, to: to,
		header: resp.Header, body: resp.Body, reader: sse.NewReader(resp.Body, 0),
	}
}

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
	switch {
	case err == nil:
		return ev, nil
	case errors.Is(err, sse.ErrCut):
		e.cut = true
		return ev, nil
	case e.ctx.Err() != nil:
		return sse.Event{}, e.ctx.Err()
	case err == io.EOF: //nolint:errorlint // the reader's own end, not a wrapped one
		return sse.Event{}, io.EOF
	}
	if _, over := errors.AsType[*sse.LimitError](err); over {
		return sse.Event{}, fault.Wrap(err, fault.ProviderMalformed, "")
	}
	return sse.Event{}, fault.Wrap(err, fault.ProviderTruncated, "")
}

// Decode decodes the data of the last event. What is no JSON is a
// ProviderMalformed fault, or ProviderTruncated if the response ended in it; the
// stream cannot be read on after either.
func (e *Events) Decode(data []byte, into any) error {
	err := e.json.decode(data, into)
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
