package client_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

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

// TestSilence has a connection bring nothing, not even a heartbeat.
func TestSilence(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		transport, asked := scripted(
			func(r *http.Request) (*http.Response, error) {
				return live(r, func(ctx context.Context, w io.Writer) error {
					_, _ = io.WriteString(w, tellTurn+tellHello)
					return pause(ctx, time.Hour)
				}), nil
			},
			tell(tellTurn+tellWorld+tellEnd),
		)
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || !slices.Equal(h.deltas, []string{"Hello", " world"}) || h.lost != 1 || h.found != 1 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if !slices.Equal(*asked, []string{"POST", "GET 5"}) {
			t.Errorf("asked %q", *asked)
		}
		if took := time.Since(began); took < 45*time.Second || took > 46*time.Second {
			t.Errorf("silence was borne for %v", took)
		}
	})
}

// TestHeartbeats keep a connection for as long as the model thinks.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport, _ := scripted(func(r *http.Request) (*http.Response, error) {
			return live(r, func(ctx context.Context, w io.Writer) error {
				_, _ = io.WriteString(w, tellTurn)
				for range 200 {
					if err := pause(ctx, 44*time.Second); err != nil {
						return err
					}
					_, _ = io.WriteString(w, ": \n\n")
				}
				_, err := io.WriteString(w, tellHello+tellWorld+tellEnd)
				return err
			}), nil
		})
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || len(h.deltas) != 2 || h.lost != 0 {
			t.Errorf("heard %+v, %v", h, err)
		}
	})
}

// TestServerSaysWhenToReturn honours Retry-After and retry.
func TestServerSaysWhenToReturn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		transport, asked := scripted(
			tell("retry: 4000\n\n"+tellTurn+tellHello),
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 7}),
			func(r *http.Request) (*http.Response, error) { // a proxy's page
				return respond(r, 502, "text/html", io.NopCloser(strings.NewReader("<h1>Bad gateway")), "Retry-After", "9"), nil
			},
			tell(tellTurn+tellWorld+tellEnd),
		)
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || len(h.deltas) != 2 || h.lost != 3 || h.found != 1 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if took := time.Since(began); took < 20*time.Second || took > 22*time.Second {
			t.Errorf("came back after %v, asked for were 4 s, 7 s and 9 s", took)
		}
		if !slices.Equal(*asked, []string{"POST", "GET 5", "GET 5", "GET 5"}) {
			t.Errorf("asked %q", *asked)
		}
	})
}

// TestServerAboutToRestart refuses the first POST and says to come back soon.
func TestServerAboutToRestart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport, asked := scripted(
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 2}),
			tell(tellTurn+tellHello+tellWorld+tellEnd),
		)
		h, err := listen(t.Context(), mustStart(t, transport))
		if !errors.Is(err, io.EOF) || len(h.deltas) != 2 || h.lost != 1 || h.found != 1 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if !slices.Equal(*asked, []string{"POST", "POST"}) {
			t.Errorf("asked %q", *asked)
		}
	})
}

func TestRefusedAtFirst(t *testing.T) {
	t.Parallel()
	for _, p := range []wire.Problem{
		{Status: 401, Code: wire.Unauthenticated, Detail: "Sign in."},
		{Status: 404, Code: wire.NotFound, Detail: "No such conversation."},
		{Status: 409, Code: wire.TurnRunning, Subject: "other", Detail: "Another turn runs."},
		{Status: 429, Code: wire.RateLimited, RetryAfter: 1, Detail: "Later."},
		{Status: 503, Code: wire.Unavailable, Detail: "The database is away."},
		{Status: 503, Code: wire.Unavailable, RetryAfter: 600, Detail: "Closed for the night."},
	} {
		transport, asked := scripted(fails(p))
		_, err := start(t, transport, client.Retry{})
		var refusal *client.Error
		if !errors.As(err, &refusal) || refusal.Problem != p || client.CodeOf(err) != p.Code || err.Error() != p.Detail {
			t.Errorf("%s: error is %#v", p.Code, err)
		}
		if len(*asked) != 1 {
			t.Errorf("%s: asked %d times", p.Code, len(*asked))
		}
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	_ = listener.Close()
	_, err = newClient(t, url, client.Options{}).StartTurn(t.Context(), convID, question)
	var unreachable *client.UnreachableError
	if !errors.As(err, &unreachable) || unreachable.URL != url || unreachable.Local || !strings.Contains(err.Error(), "refused") {
		t.Errorf("error is %v", err)
	}
}

// TestLastWords: a server that says why it goes, and then is gone, is quoted.
func TestLastWords(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := func(*http.Request) (*http.Response, error) {
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		transport, _ := scripted(tell(tellTurn+tellHello),
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, Detail: "The server is about to stop."}), refused)
		_, err := listen(t.Context(), mustStart(t, transport))
		var gone *client.UnreachableError
		if !errors.As(err, &gone) || gone.Last == nil || gone.Last.Detail != "The server is about to stop." {
			t.Errorf("error is %v", err)
		}
	})
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

// TestWaitingEnds has the caller stop waiting and come back later: nothing is
// lost, and it is no matter for the user.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		transport, asked := scripted(
			func(r *http.Request) (*http.Response, error) {
				return live(r, func(ctx context.Context, w io.Writer) error {
					_, _ = io.WriteString(w, tellTurn+tellHello+tellWorld[:20])
					return pause(ctx, time.Hour)
				}), nil
			},
			tell(tellTurn+tellWorld+tellEnd),
		)
		s := mustStart(t, transport)
		for range 2 {
			if _, err := s.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := s.Next(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v", err)
		}
		h, err := listen(t.Context(), s)
		if !errors.Is(err, io.EOF) || !slices.Equal(h.deltas, []string{" world"}) || h.lost+h.found != 0 {
			t.Errorf("heard %+v, %v", h, err)
		}
		if !slices.Equal(*asked, []string{"POST", "GET 5"}) {
			t.Errorf("asked %q", *asked)
		}
	})
}

// TestEndOfWaiting ends a Next that reads, and one that waits to connect.
func TestEndOfWaiting(t *testing.T) {
	t.Parallel()
	silent := func(r *http.Request) (*http.Response, error) {
		return live(r, func(ctx context.Context, w io.Writer) error {
			_, _ = io.WriteString(w, tellTurn)
			return pause(ctx, time.Hour)
		}), nil
	}
	unavailable := fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 5})
	for name, step := range map[string]func(*http.Request) (*http.Response, error){"reading": silent, "pausing": unavailable} {
		for _, by := range []string{"Close", "context"} {
			t.Run(name+" ended by "+by, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					transport, _ := scripted(step, silent)
					s, err := newClient(t, "http://localhost", client.Options{Transport: transport}).StartTurn(ctx, convID, question)
					if err != nil {
						t.Fatal(err)
					}
					if _, err := s.Next(t.Context()); err != nil {
						t.Fatal(err)
					}
					time.AfterFunc(time.Second, func() {
						if by == "Close" {
							s.Close()
						}
						cancel()
					})
					if _, err := s.Next(t.Context()); !errors.Is(err, context.Canceled) {
						t.Errorf("error is %v", err)
					}
				})
			})
		}
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
