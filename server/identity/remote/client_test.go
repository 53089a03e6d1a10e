package remote_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity/remote"
)

func TestGuarded(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"https://accounts.google.com": true, "https://a.example:8443/x": true, "HTTPS://a.example": true,
		"http://localhost:9998": true, "http://127.0.0.1": true, "http://[::1]:80/": true,
		"": false, "http://a.example": false, "http://localhost.a.example": false, "http://127.0.0.1.a.example": false, "http://10.0.0.1": false,
		"//a.example": false, "https://": false, "https:a.example": false, "ftp://localhost": false, "javascript:alert(1)": false,
		"https://user@a.example": false, "https://user:pass@a.example": false, "https://a example": false,
	} {
		if got := remote.Guarded(text); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}

func TestABodyHasAnEnd(t *testing.T) {
	t.Parallel()
	for size, whole := range map[int]bool{1 << 10: true, 1<<20 - 1: true, 2 << 20: false} {
		client := remote.Client(transport(func(r *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(strings.Repeat("x", size))), Request: r}, nil
		}))
		resp, err := client.Get("https://a.example/")
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if (err == nil) != whole || len(b) > 1<<20 {
			t.Errorf("of %d bytes %d are read: %v", size, len(b), err)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// Within one origin a GET is followed, a few times; a POST is not.
func TestRedirects(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/here", http.StatusMovedPermanently)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		}
	}))
	t.Cleanup(server.Close)
	client := remote.Client(nil)
	for _, tc := range []struct {
		method, path string
		ok           bool
	}{
		{http.MethodGet, "/here", true}, {http.MethodGet, "/moved", true}, {http.MethodGet, "/round", false}, {http.MethodPost, "/moved", false},
	} {
		r, err := http.NewRequest(tc.method, server.URL+tc.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err == nil {
			resp.Body.Close()
		}
		if (err == nil) != tc.ok {
			t.Errorf("%s %s: %v", tc.method, tc.path, err)
		}
	}
}

func TestWhatATokenEndpointSays(t *testing.T) {
	t.Parallel()
	refusal := func(status int, code string) error {
		return &oauth2.RetrieveError{Response: &http.Response{StatusCode: status}, Body: []byte("a secret"), ErrorCode: code}
	}
	for _, tc := range []struct {
		err  error
		want fault.Kind
	}{
		{refusal(400, "invalid_grant"), fault.Unauthenticated},
		{refusal(200, "bad_verification_code"), fault.Unauthenticated},
		{refusal(401, "invalid_client"), fault.Internal},
		{refusal(401, ""), fault.Internal},
		{refusal(400, "redirect_uri_mismatch"), fault.Internal},
		{refusal(503, ""), fault.Unavailable},
		{refusal(429, ""), fault.Unavailable},
		{&url.Error{Op: "Post", URL: "https://a.example/token?code=a%20secret", Err: errors.New("refused")}, fault.Unavailable},
		{context.Canceled, fault.Canceled},
	} {
		err := remote.Exchange("Acme", tc.err)
		if !fault.Is(err, tc.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: %v, want %v", tc.err, err, tc.want)
		}
	}
}
