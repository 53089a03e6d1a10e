package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

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

// TestNeverAWord has a server take connections and say nothing at all: a minute
// is enough, while one that has answered before is waited for much longer.
func TestNeverAWord(t *testing.T) {
	t.Parallel()
	silent := func(r *http.Request) (*http.Response, error) {
		<-r.Context().Done()
		return nil, context.Cause(r.Context())
	}
	for _, tc := range []struct {
		name  string
		steps []func(*http.Request) (*http.Response, error)
		lost  int
		took  time.Duration
	}{
		{"never", []func(*http.Request) (*http.Response, error){silent, silent}, 1, time.Minute},
		{"since a restart", []func(*http.Request) (*http.Response, error){
			fails(wire.Problem{Status: 503, Code: wire.Unavailable, RetryAfter: 2}), silent, silent, tell(tellTurn + tellEnd)}, 3, 92 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				transport, asked := scripted(tc.steps...)
				s := mustStart(t, transport)
				first, err := s.Next(t.Context())
				if err != nil || first.Connection == nil || first.Connection.Never != (tc.name == "never") {
					t.Errorf("told %+v, %v", first.Connection, err)
				}
				h, err := listen(t.Context(), s)
				var unreachable *client.UnreachableError
				if errors.As(err, &unreachable) != (tc.name == "never") || h.lost+1 != tc.lost || len(*asked) != len(tc.steps) {
					t.Errorf("heard %+v of %q, %v", h, *asked, err)
				}
				if unreachable != nil && !unreachable.Silent() {
					t.Errorf("it is not told that nothing came: %v", err)
				}
				if took := time.Since(began); took < tc.took || took > tc.took+2*time.Second {
					t.Errorf("took %v, want %v", took, tc.took)
				}
			})
		})
	}
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
