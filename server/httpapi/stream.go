package httpapi

import (
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/fault"
)

// stream writes server-sent events: what has gathered in one write, flushed at
// once. It keeps no buffer between writes, so that a stream that is held costs
// its connection and no more.
type stream struct {
	w       http.ResponseWriter
	control *http.ResponseController

	now      func() time.Time
	patience time.Duration
	deadline time.Time // of the connection's writes; zero: none set yet
}

// openStream begins the answer. From here on a failure can only be told by an
// event, or by the stream's breaking off.
func (a *API) openStream(c *gin.Context) *stream {
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-cache, no-transform")
	h.Set("X-Accel-Buffering", "no") // nginx would gather it otherwise
	return &stream{w: c.Writer, control: http.NewResponseController(c.Writer), now: a.Now, patience: a.Patience}
}

// send writes and flushes. The client has patience to take it: then its
// connection is given up, and nobody else's.
func (s *stream) send(events []byte) error {
	if err := s.allow(); err != nil {
		return err
	}
	if _, err := s.w.Write(events); err != nil {
		return err
	}
	return s.control.Flush()
}

// allow moves the deadline on, though not for every write: it is a system timer.
func (s *stream) allow() error {
	now := s.now()
	if s.deadline.Sub(now) > s.patience*3/4 {
		return nil
	}
	s.deadline = now.Add(s.patience)
	return s.setDeadline(s.deadline)
}

// close takes the deadline away, because the connection may serve again.
func (s *stream) close() { _ = s.setDeadline(time.Time{}) }

func (s *stream) setDeadline(t time.Time) error {
	err := s.control.SetWriteDeadline(t)
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
	out := fill((*buf)[:0])
	var err error
	if len(out) > 0 {
		err = s.send(out)
	}
	if cap(out) <= largestKept {
		*buf = out
		buffers.Put(buf)
	}
	return err
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
