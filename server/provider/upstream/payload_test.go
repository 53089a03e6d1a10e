package upstream_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// A prompt of any length arrives whole, also where the connection that it was
// sent on first turns out to be closed by then.
func TestThePromptArrives(t *testing.T) {
	t.Parallel()
	prompt := strings.Repeat("all of it ", 100_000)
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if asked.Add(1) == 2 { // on a connection that was used before: gone, without a word
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_ = conn.(*net.TCPConn).SetLinger(0)
			_ = conn.Close()
			return
		}
		if err != nil || string(body) != `{"text":"`+prompt+`"}` {
			t.Errorf("%d bytes arrived: %v", len(body), err)
		}
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, "data: {}\n\n") // the client reads it
	}))
	t.Cleanup(server.Close)
	client := upstream.New(upstream.Options{})
	for range 2 {
		// It may be sent twice, as nothing happens when it is.
		header := http.Header{"Idempotency-Key": {"same"}}
		events, err := client.Stream(t.Context(), provider.Endpoint{Provider: "test"}, server.URL, header, map[string]string{"text": prompt})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := events.Next(); err != nil {
			t.Error(err)
		}
		if err := events.End(); err != io.EOF { //nolint:errorlint // its own end
			t.Error(err)
		}
		if err := events.Close(); err != nil {
			t.Error(err)
		}
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times, want 3: the second time twice", n)
	}
}

// countedConn counts what is written to it.
type countedConn struct {
	net.Conn
	writes *atomic.Int32
}

func (c countedConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

// A short question goes out with its headers, so that it wakes the provider once.
func TestAShortQuestionIsOneWrite(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "{}") // the client reads it
	}))
	t.Cleanup(server.Close)
	var writes atomic.Int32
	transport := upstream.NewTransport()
	dial := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := dial(ctx, network, address)
		return countedConn{c, &writes}, err
	}
	client := upstream.New(upstream.Options{HTTP: &http.Client{Transport: transport}})
	var reply struct{}
	if err := client.Post(t.Context(), provider.Endpoint{Provider: "test"}, server.URL, http.Header{}, "what is it?", &reply); err != nil {
		t.Fatal(err)
	}
	if n := writes.Load(); n != 1 {
		t.Errorf("%d writes", n)
	}
}
