package remote

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"
)

// The limits of one request. A discovery document, a key set or a profile is a
// few kilobytes.
const (
	patience     = 10 * time.Second // for the whole of it, body included
	maxBody      = 1 << 20
	maxRedirects = 3
)

// Client makes an HTTP client that keeps the limits; transport nil:
// http.DefaultTransport.
func Client(transport http.RoundTripper) *http.Client {
	if transport == nil {
		transport = http.DefaultTransport
	}
	return &http.Client{Transport: bounded{transport}, CheckRedirect: stay, Timeout: patience}
}

// errAway refuses a redirect.
var errAway = errors.New("a redirect to another host, or too many of them")

// stay follows redirects within one origin, and only requests without a body:
// what goes with them was meant for that server alone.
func stay(next *http.Request, via []*http.Request) error {
	first := via[0]
	if first.Method != http.MethodGet || len(via) > maxRedirects || next.URL.Scheme != first.URL.Scheme || next.URL.Host != first.URL.Host {
		return errAway
	}
	return nil
}

// bounded cuts bodies short.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	resp.Body = &limited{ReadCloser: resp.Body, left: maxBody}
	return resp, nil
}

// errTooLarge ends a body, so that a part is never taken for the whole.
var errTooLarge = errors.New("the answer is larger than a megabyte")

type limited struct {
	io.ReadCloser
	left int
}

func (l *limited) Read(p []byte) (int, error) {
	if l.left == 0 {
		return 0, errTooLarge
	}
	n, err := l.ReadCloser.Read(p[:min(len(p), l.left)])
	l.left -= n
	return n, err
}

// Guarded reports whether a URL is https, or http to this very machine, and so
// whether a secret may go there.
func Guarded(text string) bool {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return false
	}
	switch host := u.Hostname(); {
	case u.Scheme == "https":
		return true
	case u.Scheme == "http":
		return host == "localhost" || host == "127.0.0.1" || host == "::1"
	}
	return false
}
