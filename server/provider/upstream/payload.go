package upstream

import (
	"bytes"
	"io"
	"net/http"
	"sync"
)

// payload is a request's body, which can be let go of. net/http holds on to the
// request until its answer ends, which for a stream is long after the body was
// sent, and a prompt is often much larger than the answer to it.
type payload struct {
	mu    sync.Mutex
	bytes []byte // nil once released
}

// attach makes the payload the request's body, one that net/http may send again
// on another connection as long as it is there.
func (p *payload) attach(req *http.Request) {
	req.ContentLength = int64(len(p.bytes))
	req.GetBody = p.open
	req.Body, _ = p.open() // it is there
}

// open returns a reader of the whole, or an error when it has been released.
//
// Of a body whose type it does not know net/http sends the headers by themselves,
// ahead: the body may be slow in coming. That wakes the provider twice. A body that
// goes with its headers in one write is too small to be worth letting go of.
func (p *payload) open() (io.ReadCloser, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.bytes == nil:
		return nil, http.ErrBodyReadAfterClose
	case len(p.bytes) < perConnection:
		return io.NopCloser(bytes.NewReader(p.bytes)), nil
	}
	return &sending{rest: bytes.NewReader(p.bytes)}, nil
}

// release lets go of the bytes. A reader that is at work keeps them to its end.
func (p *payload) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bytes = nil
}

// sending reads a payload once. It is closed while it may be read: when the
// answer comes before all is sent.
type sending struct {
	mu   sync.Mutex
	rest *bytes.Reader // nil when it is closed
}

func (s *sending) Read(into []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rest == nil {
		return 0, http.ErrBodyReadAfterClose
	}
	return s.rest.Read(into)
}

func (s *sending) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rest = nil
	return nil
}
