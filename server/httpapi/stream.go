package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/detach"
	"github.com/aichat-term/aichat/server/fault"
)

// telling is what a stream of events tells.
type telling interface {
	// first is what the stream begins with.
	first() []byte

	// tell sends the others as they come, until there are no more, ctx ends or
	// sending fails; whole says that the client has heard the end.
	tell(ctx context.Context, s *stream) (whole bool)

	// close lets go of what is told of.
	close()
}

// sink is what a stream is written to: a detached connection, or a handler's
// writer where that is not to be had.
type sink interface {
	io.Writer
	SetWriteDeadline(t time.Time) error
}

// stream writes server-sent events: what has gathered in one write, at once. It
// keeps no buffer between writes, so that a stream that is held costs its
// connection and no more.
type stream struct {
	sink

	now      func() time.Time
	patience time.Duration
	deadline time.Time // of the connection's writes; zero: none set yet
}

// streaming mounts a handler that answers with a stream; begin returns nil where
// it has answered otherwise. The stream ends when the caller's session does.
func streaming(begin func(*API, *gin.Context) telling, describe func(*API, *huma.Operation)) func(*API, row) {
	return plain(func(a *API, c *gin.Context) {
		ctx, cancel := context.WithCancel(context.WithoutCancel(c.Request.Context())) // which ends with the handler
		h := a.holders.hold(callerOf(ctx), cancel)
		if h == nil {
			c.Header("WWW-Authenticate", bearerInvalid)
			a.fail(c, errEnded)
			return
		}
		v := visitOf(c)
		defer func() {
			if !v.detached {
				h.release()
			}
		}()
		if t := begin(a, c); t != nil {
			v.detached = a.stream(ctx, c, h, t)
		}
	}, describe)
}

// stream answers with what t tells: on the connection itself, for as long as it
// takes, while the handler returns; or before that where the connection is not
// to be had (HTTP/1.0, a recorder in a test). From here on a failure can only be
// told by an event, or by the stream's breaking off.
func (a *API) stream(ctx context.Context, c *gin.Context, h *holder, t telling) (left bool) {
	header := c.Writer.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-cache, no-transform")
	header.Set("X-Accel-Buffering", "no") // nginx would gather it otherwise

	first := t.first()
	if answer, err := detach.Take(c.Writer, c.Request); err == nil {
		a.activity.begin(a.Now())
		d := detached{api: a, visit: visitOf(c), holder: h, answer: answer, telling: t}
		if feed, ok := watched(t); ok {
			p := &pushed{detached: d, feed: feed, teller: newTeller()}
			p.run(ctx, first)
		} else {
			go d.run(ctx, first)
		}
		return true
	}
	defer t.close()
	stop := context.AfterFunc(c.Request.Context(), h.cancel)
	defer stop()
	s := a.newStream(handlers{c.Writer, http.NewResponseController(c.Writer)})
	defer s.close()
	if s.send(first) == nil {
		t.tell(ctx, s)
	}
	return false
}

func (a *API) newStream(to sink) *stream {
	return &stream{sink: to, now: a.Now, patience: a.Patience}
}

// send writes. The client has patience to take it: then its connection is given
// up, and nobody else's.
func (s *stream) send(events []byte) error {
	if err := s.allow(); err != nil {
		return err
	}
	_, err := s.Write(events)
	return err
}

// allow moves the deadline on, though not for every write: it is a system timer.
func (s *stream) allow() error {
	now := s.now()
	if s.deadline.Sub(now) > s.patience*3/4 {
		return nil
	}
	s.deadline = now.Add(s.patience)
	return s.SetWriteDeadline(s.deadline)
}

// close takes the deadline away, because the connection may serve again.
func (s *stream) close() { _ = s.SetWriteDeadline(time.Time{}) }

// handlers is the sink of a handler that stays.
type handlers struct {
	http.ResponseWriter
	control *http.ResponseController
}

func (h handlers) Write(events []byte) (int, error) {
	n, err := h.ResponseWriter.Write(events)
	if err != nil {
		return n, err
	}
	return n, h.control.Flush()
}

func (h handlers) SetWriteDeadline(t time.Time) error {
	err := h.control.SetWriteDeadline(t)
	if errors.Is(err, http.ErrNotSupported) || errors.Is(err, os.ErrNoDeadline) {
		return nil // a recorder in a test
	}
	return err
}

// heartbeat is a comment, which says nothing and keeps proxies awake.
var heartbeat = []byte(": \n\n")

// buffers are where events gather before they are written. One is held for the
// time of one write only.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// largestKept bounds the buffers that go back to the pool.
const largestKept = 64 << 10

// sendWith lets fill append events to a pooled buffer, and sends them.
func (s *stream) sendWith(fill func([]byte) []byte) error {
	buf := buffers.Get().(*[]byte)
	*buf = fill((*buf)[:0])
	var err error
	if len(*buf) > 0 {
		err = s.send(*buf)
	}
	putBack(buf)
	return err
}

func putBack(buf *[]byte) {
	if cap(*buf) <= largestKept {
		buffers.Put(buf)
	}
}

// appendEvent appends an event whose data is v as JSON; id below zero: none.
func appendEvent(out []byte, name string, id int64, v any) []byte {
	data, err := json.Marshal(v)
	if err != nil { // structs of strings and numbers: cannot happen
		panic(err)
	}
	text := ""
	if id >= 0 {
		text = strconv.FormatInt(id, 10)
	}
	return sse.AppendEvent(out, text, name, data)
}

// lastEventID is the position that a client continues from; absent: 0.
func lastEventID(r *http.Request) (int64, error) {
	text := r.Header.Get(wire.HeaderLastEventID)
	if text == "" {
		return 0, nil
	}
	at, err := strconv.ParseInt(text, 10, 64)
	if err != nil || at < 0 {
		return 0, &fault.Error{Kind: fault.Invalid, Subject: wire.HeaderLastEventID,
			Message: wire.HeaderLastEventID + " must be the id of an event of this stream."}
	}
	return at, nil
}
