package providertest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
)

// Benchmark measures what the adapter takes to turn one delta of the vendor's
// stream into an event, without any network: the figures of all vendors compare.
func Benchmark(b *testing.B, v Vendor) {
	frames := v.Stream(Script{Text: []string{first}, Finish: provider.Stop, Usage: &sane})
	at := firstText(frames)
	body := &loop{head: format{}.write(frames[:at]), delta: format{}.write(frames[at : at+1])}
	s, err := v.New(&http.Client{Transport: body}).Stream(b.Context(), v.Endpoint("http://vendor.invalid"), question())
	if err != nil {
		b.Fatal(err)
	}
	var ev provider.Event
	for ev.Type != provider.TextDelta {
		if err := s.Next(&ev); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	b.SetBytes(int64(len(body.delta)))
	for b.Loop() {
		if err := s.Next(&ev); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		b.Error(err)
	}
}

// loop is a transport whose answer repeats one delta for ever.
type loop struct {
	head, delta []byte
	rest        []byte
}

// RoundTrip implements http.RoundTripper.
func (l *loop) RoundTrip(r *http.Request) (*http.Response, error) {
	l.rest = l.head
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: l,
		Header: http.Header{"Content-Type": {"text/event-stream"}},
	}, nil
}

// Read implements io.Reader.
func (l *loop) Read(p []byte) (int, error) {
	if l.delta == nil {
		return 0, errors.New("closed")
	}
	if len(l.rest) == 0 {
		l.rest = bytes.Repeat(l.delta, 32)
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// Close implements io.Closer.
func (l *loop) Close() error { l.delta = nil; return nil }

var _ io.ReadCloser = (*loop)(nil)
