package detach

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Answer is the rest of an answer whose handler has returned. It is used by one
// goroutine, but for Cut. Either End or Cut is called when it is over.
type Answer struct {
	conn  net.Conn
	head  []byte // goes out with the first chunk
	ahead []byte // was read of the next request
	keep  bool   // the connection serves again

	offering offering
	rest     []byte // of what was offered, and the connection did not take
	ended    bool   // the last chunk was offered
}

// Take takes the connection over from the server, to answer with status 200 and
// w's header. The handler has written nothing, and must not use w or r
// afterwards; r's context ends when it returns.
//
// It fails with http.ErrNotSupported, and all is as it was, where there is no
// connection to be had (a recorder), where it is not of HTTP/1.1, and where
// something of the request's body may be unread.
func Take(w http.ResponseWriter, r *http.Request) (*Answer, error) {
	// What wraps a writer may call itself a Hijacker without need: Gin's does.
	if _, ok := innermost(w).(http.Hijacker); !ok || r.ProtoMajor != 1 || r.ProtoMinor != 1 || r.Body != http.NoBody {
		return nil, http.ErrNotSupported
	}
	rwc, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return nil, fmt.Errorf("detach: %w", err)
	}
	_, ours := rwc.(*conn)
	a := &Answer{conn: rwc, ahead: rest(buffered.Reader), keep: ours && !r.Close}
	a.head = a.header(w.Header())
	return a, nil
}

// innermost is the writer below all that are wrapped around it.
func innermost(w http.ResponseWriter) http.ResponseWriter {
	for {
		outer, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return w
		}
		w = outer.Unwrap()
	}
}

// rest is what a reader has read ahead: the beginning of a request that came
// before the answer to this one.
func rest(r *bufio.Reader) []byte {
	ahead, _ := r.Peek(r.Buffered()) // that much is there
	return bytes.Clone(ahead)
}

func (a *Answer) header(h http.Header) []byte {
	h.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	h.Set("Transfer-Encoding", "chunked")
	if !a.keep {
		h.Set("Connection", "close")
	}
	var head bytes.Buffer
	head.WriteString("HTTP/1.1 200 OK\r\n")
	_ = h.Write(&head) // a buffer takes everything
	head.WriteString("\r\n")
	return head.Bytes()
}

// buffers are where a chunk is put together, for the time of one write.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// largestKept bounds the buffers that go back to the pool.
const largestKept = 64 << 10

// Write sends p at once, as one chunk; the header goes before the first.
func (a *Answer) Write(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil // an empty chunk would be the last
	}
	if err := a.Flush(); err != nil {
		return 0, err
	}
	out := a.chunk(p, false)
	_, err := a.conn.Write(*out)
	putBack(out)
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

// Offer is Write that never waits. It reports whether the connection has taken all
// of p; if not, the rest is kept, and Flush or the next Write sends it. Nothing
// more is offered before. Where a connection cannot be asked it takes nothing. What
// is offered as last takes the answer's end with it; End follows.
func (a *Answer) Offer(p []byte, last bool) (taken bool, err error) {
	if len(p) == 0 {
		return true, nil
	}
	out := a.chunk(p, last)
	n, err := a.offering.to(a.conn, *out)
	if err == nil && n < len(*out) {
		a.rest = bytes.Clone((*out)[n:])
	}
	putBack(out)
	return a.rest == nil, err
}

// Flush sends what is left of what was offered.
func (a *Answer) Flush() error {
	if a.rest == nil {
		return nil
	}
	_, err := a.conn.Write(a.rest)
	a.rest = nil
	return err
}

// chunk makes a chunk of p, in a buffer that is put back.
func (a *Answer) chunk(p []byte, last bool) *[]byte {
	buf := buffers.Get().(*[]byte)
	out := append((*buf)[:0], a.head...)
	a.head = nil
	out = strconv.AppendInt(out, int64(len(p)), 16)
	out = append(out, "\r\n"...)
	out = append(out, p...)
	out = append(out, "\r\n"...)
	if last {
		a.ended = true
		out = append(out, lastChunk...)
	}
	*buf = out
	return buf
}

func putBack(buf *[]byte) {
	if cap(*buf) <= largestKept {
		buffers.Put(buf)
	}
}

// SetWriteDeadline is net.Conn's.
func (a *Answer) SetWriteDeadline(t time.Time) error { return a.conn.SetWriteDeadline(t) }

// lastChunk ends a body (RFC 9112, section 7.1).
const lastChunk = "0\r\n\r\n"

// End ends the answer as whole, and gives the connection back to its server.
func (a *Answer) End() {
	err := a.Flush()
	if err == nil && !a.ended {
		_, err = a.conn.Write(append(a.head, lastChunk...))
	}
	if c, ours := a.conn.(*conn); ours && a.keep && err == nil {
		c.ahead = a.ahead
		go c.serveAgain()
		return
	}
	a.Cut()
}

// Cut breaks the answer off, so that the client sees that it is not whole. It
// may be called at any time before End and by any goroutine; a Write that waits
// then fails.
func (a *Answer) Cut() { _ = a.conn.Close() }
