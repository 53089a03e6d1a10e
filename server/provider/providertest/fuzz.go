package providertest

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
)

// Fuzz feeds the adapter any bytes as a stream: whatever they are, the stream
// ends, keeps to the contract of provider.Stream, and blames the vendor.
func Fuzz(f *testing.F, v Vendor) {
	f.Add(format{}.write(v.Stream(script())))
	f.Add(format{newline: "\r\n", tight: true}.write(between(v.Stream(script()), v.Noise)))
	for _, e := range v.StreamErrors {
		f.Add(format{}.write(e.Frames))
	}
	for _, a := range v.Answers {
		f.Add([]byte(a.Stream))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		p := v.New(&http.Client{Transport: canned(body)})
		s, err := p.Stream(t.Context(), v.Endpoint("http://vendor.invalid"), question())
		if err != nil {
			t.Fatal(err)
		}
		if r := Read(t, s); r.Err != nil {
			if e, ok := errors.AsType[*fault.Error](r.Err); !ok || e.Kind < fault.ModelUnknown {
				t.Errorf("ended with %v", r.Err)
			}
		}
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
}

// canned is a transport that answers every call with the same stream.
type canned []byte

// RoundTrip implements http.RoundTripper.
func (c canned) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(bytes.NewReader(c)),
		Header: http.Header{"Content-Type": {"text/event-stream"}},
	}, nil
}
