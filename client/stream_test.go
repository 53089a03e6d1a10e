package client_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

func itoa(n int) string { return strconv.Itoa(n) }

// scripted has each connection answered by the next of steps.
func scripted(steps ...func(r *http.Request) (*http.Response, error)) (inMemory, *[]string) {
	var asked []string
	return func(r *http.Request) (*http.Response, error) {
		n := len(asked)
		asked = append(asked, strings.TrimSpace(r.Method+" "+r.Header.Get(wire.HeaderLastEventID)))
		if n >= len(steps) {
			return nil, errors.New("asked too often")
		}
		return steps[n](r)
	}, &asked
}

// tell streams text and then ends in good order.
func tell(text string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		return respond(r, http.StatusOK, "text/event-stream", io.NopCloser(strings.NewReader(text))), nil
	}
}

func fails(p wire.Problem) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) { return refuse(r, p), nil }
}

const (
	tellTurn  = "event: turn\ndata: {\"id\":\"" + turnID + "\",\"state\":\"running\"}\n\n"
	tellHello = "id: 5\nevent: delta\ndata: {\"part\":0,\"type\":\"text\",\"text\":\"Hello\"}\n\n"
	tellWorld = "id: 11\nevent: delta\ndata: {\"part\":0,\"type\":\"text\",\"text\":\" world\"}\n\n"
	tellEnd   = "id: 11\nevent: completed\ndata: {\"message\":{\"id\":\"" + turnID + "\",\"state\":\"complete\",\"finish\":\"stop\"}}\n\n"
)

func start(t *testing.T, transport http.RoundTripper, retry client.Retry) (*client.Stream, error) {
	t.Helper()
	return newClient(t, "http://localhost", client.Options{Transport: transport, Retry: retry}).
		StartTurn(t.Context(), convID, question)
}

func mustStart(t *testing.T, transport http.RoundTripper) *client.Stream {
	t.Helper()
	s, err := start(t, transport, client.Retry{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

// TestNothingNew gives up when connection after connection brings nothing.
func TestNothingNew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		s := mustStart(t, inMemory(func(r *http.Request) (*http.Response, error) {
			calls++
			if calls == 1 {
				return tell(tellTurn + tellHello)(r)
			}
			return tell(tellTurn + ": \n\n")(r)
		}))
		h, err := listen(t.Context(), s)
		var unreachable *client.UnreachableError
		if !errors.As(err, &unreachable) || h.lost != 12 || calls != 13 {
			t.Errorf("lost %d times, %d connections, %v", h.lost, calls, err)
		}
		if _, again := s.Next(t.Context()); !errors.Is(again, err) {
			t.Errorf("then %v", again)
		}
	})
}

// TestEndsForGood has errors that connecting again would not cure.
func TestEndsForGood(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		second func(*http.Request) (*http.Response, error)
		want   func(error) bool
	}{
		{"forgotten", fails(wire.Problem{Status: 404, Code: wire.NotFound}), func(err error) bool {
			var gone *client.GoneError
			return errors.As(err, &gone) && gone.Turn == turnID && client.CodeOf(err) == wire.NotFound
		}},
		{"signed out", fails(wire.Problem{Status: 401, Code: wire.Unauthenticated}), func(err error) bool {
			return client.CodeOf(err) == wire.Unauthenticated
		}},
		{"a web page", func(r *http.Request) (*http.Response, error) {
			return respond(r, 200, "text/html", io.NopCloser(strings.NewReader("<p>Sign in to the Wi-Fi"))), nil
		}, isProtocol},
		{"broken JSON", tell("event: delta\ndata: {\"part\":\n\n"), isProtocol},
		{"JSON of another type", tell("event: delta\ndata: {\"part\":\"one\"}\n\n"), isProtocol},
		{"an endless event", func(r *http.Request) (*http.Response, error) {
			endless := io.MultiReader(strings.NewReader("data: "), zeros{})
			return respond(r, 200, "text/event-stream", io.NopCloser(endless)), nil
		}, isProtocol},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			transport, asked := scripted(tell(tellTurn+tellHello), tc.second)
			c := newClient(t, "http://localhost", client.Options{Transport: transport, Retry: atOnce})
			c.Limit(1 << 20)
			s, err := c.StartTurn(t.Context(), convID, question)
			if err != nil {
				t.Fatal(err)
			}
			h, err := listen(t.Context(), s)
			if !tc.want(err) || len(h.deltas) != 1 || len(*asked) != 2 {
				t.Errorf("heard %+v of %d connections; %T %v", h, len(*asked), err, err)
			}
		})
	}
}

func isProtocol(err error) bool {
	var protocol *client.ProtocolError
	return errors.As(err, &protocol) && strings.Contains(err.Error(), "http://localhost/api/v1/turns/")
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// TestUnknownThings are ignored: the server may be newer.
func TestUnknownThings(t *testing.T) {
	t.Parallel()
	transport, _ := scripted(tell(tellTurn +
		"event: thought\ndata: {\"x\":1}\n\n" + "data: nameless\n\n" +
		strings.Replace(tellHello, "{", `{"future":[1],`, 1) +
		"event: notice\ndata: {\"code\":\"new\",\"text\":\"News.\"}\n\n" + tellEnd + tellWorld))
	h, err := listen(t.Context(), mustStart(t, transport))
	if want := []string{"turn", "delta", "notice", "completed"}; !errors.Is(err, io.EOF) || !slices.Equal(h.names, want) {
		t.Errorf("heard %q, %v", h.names, err)
	}
}

// TestSnapshot replaces what was heard before a crash of the server.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	transport, _ := scripted(
		tell(tellTurn+tellHello+tellWorld),
		tell(tellTurn+"id: 5\nevent: snapshot\ndata: {\"parts\":[{\"type\":\"text\",\"text\":\"Hello\"}]}\n\n"+
			"id: 5\nevent: interrupted\ndata: {\"message\":{\"state\":\"interrupted\"}}\n\n"))
	s, err := start(t, transport, atOnce)
	if err != nil {
		t.Fatal(err)
	}
	a, err := client.Collect(t.Context(), s)
	if err != nil || a.Text() != "Hello" || a.End.Message.State != wire.StateInterrupted {
		t.Errorf("%+v, %v", a, err)
	}
}

// BenchmarkStream reads a long stream as fast as it comes.
func BenchmarkStream(b *testing.B) {
	const deltas = 10_000
	long := answer{end: wire.EventCompleted, pieces: slices.Repeat([]string{" word"}, deltas)}
	server := httptest.NewServer(&fake{answer: long})
	defer server.Close()
	c := newClient(b, server.URL, client.Options{})
	b.ReportAllocs()
	for b.Loop() {
		s, err := c.StartTurn(b.Context(), convID, question)
		if err != nil {
			b.Fatal(err)
		}
		if h, err := listen(b.Context(), s); !errors.Is(err, io.EOF) || len(h.deltas) != deltas {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/deltas, "ns/delta")
}
