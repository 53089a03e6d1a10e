package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/authtest"
)

// shelf is a Keeper in memory, shared by what stand for several processes.
type shelf struct {
	lock   chan struct{} // a mutex that a context can be waited with
	mu     sync.Mutex
	kept   client.Tokens
	saves  int
	broken error // of Save
}

func newShelf(t client.Tokens) *shelf { return &shelf{kept: t, lock: make(chan struct{}, 1)} }

func (s *shelf) Load(context.Context) (client.Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept, nil
}

func (s *shelf) Save(_ context.Context, t client.Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	s.kept = t
	s.saves++
	return nil
}

func (s *shelf) Forget(_ context.Context, t client.Tokens) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kept.Access == t.Access {
		s.kept = client.Tokens{}
	}
	return nil
}

func (s *shelf) Lock(ctx context.Context) (func(), error) {
	select {
	case s.lock <- struct{}{}:
		return func() { <-s.lock }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func session(s *authtest.Server, k client.Keeper) *client.Session {
	return client.NewSession(client.SessionOptions{BaseURL: s.URL, Transport: s.Transport(), Keeper: k})
}

// pass lets the time of a synctest bubble pass.
func pass(d time.Duration) { <-time.After(d) }

// TestSessionIsRenewedOnce holds that whoever needs a newer token at the same
// time, in one process or in several, asks the server once.
func TestSessionIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, expire := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			kept := newShelf(signIn(t, s))
			if expire {
				s.Expire() // the server alone knows
			} else {
				pass(14*time.Minute + 5*time.Second)
			}
			var work sync.WaitGroup
			for range 3 { // processes
				source := session(s, kept)
				c, err := client.New(client.Options{BaseURL: s.URL, Transport: s.Transport(), Tokens: source})
				if err != nil {
					t.Fatal(err)
				}
				for range 20 {
					work.Go(func() {
						if me, err := c.Me(t.Context()); err != nil || me.Name != "Ada" {
							t.Errorf("%+v, %v", me, err)
						}
					})
				}
			}
			work.Wait()
			if c := s.Counts(); c.Refreshes != 1 || kept.saves != 1 || s.Live() != 1 {
				t.Errorf("%+v, saved %d times, %d sessions", c, kept.saves, s.Live())
			}
		})
	}
}

// TestSessionIsRenewedInTime holds that tokens are exchanged by the time since
// they came, whatever the clock on the wall says.
func TestSessionIsRenewedInTime(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		age, back time.Duration
		refreshes int
	}{
		{"young", 13 * time.Minute, 0, 0},
		{"about to end", 14*time.Minute + time.Second, 0, 1},
		{"ended", 3 * time.Hour, 0, 1},
		{"ended, and the clock was set back", 3 * time.Hour, 24 * time.Hour, 1},
		{"young, and the clock was set back", 3 * time.Minute, 24 * time.Hour, 0},
		{"young, and the clock was set forward", 3 * time.Minute, -24 * time.Hour, 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := authtest.New(authURL)
			kept := newShelf(signIn(t, s))
			kept.kept.Received = kept.kept.Received.Round(0) // as another process reads it
			pass(c.age)
			source := client.NewSession(client.SessionOptions{
				BaseURL: s.URL, Transport: s.Transport(), Keeper: kept,
				Now: func() time.Time { return time.Now().Add(-c.back).Round(0) },
			})
			cl, err := client.New(client.Options{BaseURL: s.URL, Transport: s.Transport(), Tokens: source})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := cl.Me(t.Context()); err != nil || s.Counts().Refreshes != c.refreshes {
				t.Errorf("%s: %d refreshes, %v", c.name, s.Counts().Refreshes, err)
			}
		})
	}
}

// TestSessionAdoptsWhatAnotherKept covers the process that slept while another
// went on: its own refresh token is long used up.
func TestSessionAdoptsWhatAnotherKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		kept := newShelf(signIn(t, s))
		sleeper, busy := session(s, kept), session(s, kept)
		if _, err := sleeper.Token(t.Context()); err != nil {
			t.Fatal(err)
		}
		for range 3 {
			pass(20 * time.Minute)
			if _, err := busy.Token(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		token, err := sleeper.Token(t.Context())
		if err != nil || token != kept.kept.Access || s.Counts().Refreshes != 3 || s.Live() != 1 {
			t.Errorf("%v; %+v, %d sessions", err, s.Counts(), s.Live())
		}
	})
}

func TestSessionThatEnded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		kept := newShelf(signIn(t, s))
		s.End()
		c, err := client.New(client.Options{BaseURL: s.URL, Transport: s.Transport(), Tokens: session(s, kept)})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			_, err = c.Me(t.Context())
			if out, yes := errors.AsType[*client.SignInError](err); !yes || out.URL != authURL {
				t.Errorf("%v", err)
			}
		}
		if !kept.kept.Empty() || s.Counts().Refreshes != 1 {
			t.Errorf("kept %v after %d refreshes", kept.kept, s.Counts().Refreshes)
		}
		kept.kept = signIn(t, s) // as a login in another terminal does
		if _, err := c.Me(t.Context()); err != nil {
			t.Errorf("signed in again, and %v", err)
		}
	})
}

// TestSessionOutlivesAnOutage holds that a token is used up before a server that
// cannot be reached matters, and that an outage ends no session.
func TestSessionOutlivesAnOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		kept := newShelf(signIn(t, s))
		source := session(s, kept)
		s.Fault = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
		pass(14*time.Minute + 30*time.Second)
		if _, err := source.Token(t.Context()); err != nil {
			t.Errorf("half a minute before the end: %v", err)
		}
		pass(time.Minute)
		_, err := source.Token(t.Context())
		if _, yes := errors.AsType[*client.UnreachableError](err); !yes {
			t.Errorf("afterwards: %v", err)
		}
		s.Fault = nil
		if _, err := source.Token(t.Context()); err != nil || s.Live() != 1 {
			t.Errorf("when it is there again: %v", err)
		}
	})
}

// TestSessionFinishesWhatItBegan holds that an exchange is not given up with the
// request that needed it, and that its end can be waited for.
func TestSessionFinishesWhatItBegan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		kept := newShelf(signIn(t, s))
		source := session(s, kept)
		before := kept.kept.Access
		pass(time.Hour)
		s.Fault = func(http.ResponseWriter, *http.Request) bool { pass(3 * time.Second); return false }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := source.Token(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		source.Settle(t.Context())
		if kept.saves != 1 || kept.kept.Access == before {
			t.Error("what follows was not kept")
		}
		source.Settle(t.Context())
	})
}

// TestSessionThatCannotBeKept goes on for as long as the process lives.
func TestSessionThatCannotBeKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		kept := newShelf(signIn(t, s))
		kept.broken = errors.New("disk full")
		source := session(s, kept)
		pass(time.Hour)
		first, err := source.Token(t.Context())
		second, again := source.Token(t.Context())
		if err != nil || again != nil || first != second || s.Counts().Refreshes != 1 {
			t.Errorf("%v, %v after %d refreshes", err, again, s.Counts().Refreshes)
		}
	})
}

func TestPersonalTokenIsNotExchanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := authtest.New(authURL)
		for token, good := range map[string]bool{s.AddToken("ci"): true, "aichat_pat_forged": false} {
			c, err := client.New(client.Options{BaseURL: s.URL, Transport: s.Transport(), Tokens: session(s, newShelf(client.Tokens{Access: token}))})
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.Me(t.Context())
			if _, out := errors.AsType[*client.SignInError](err); out == good || (err == nil) != good {
				t.Errorf("%v", err)
			}
		}
		if n := s.Counts().Refreshes; n != 0 {
			t.Errorf("%d refreshes", n)
		}
	})
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	s := authtest.New(authURL)
	tokens := signIn(t, s)
	a := discovered(t, s)
	for range 2 {
		if err := a.Revoke(t.Context(), tokens); err != nil {
			t.Error(err)
		}
	}
	if s.Counts().Revoked != 1 || s.Live() != 0 {
		t.Errorf("%+v", s.Counts())
	}
}

// TestTokensStayAtHome holds that a redirect carries no credential anywhere:
// neither a session's, nor what is being exchanged.
func TestTokensStayAtHome(t *testing.T) {
	t.Parallel()
	strange := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("asked for %s, with %v", r.URL, r.Header)
	}))
	defer strange.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		home := httptest.NewServer(http.RedirectHandler(strange.URL, status))
		defer home.Close()
		tokens := client.Tokens{Access: "secret", Refresh: "secret", Endpoints: client.Endpoints{Token: home.URL + "/t", Revocation: home.URL + "/r"}}
		c, err := client.New(client.Options{BaseURL: home.URL, Tokens: session(&authtest.Server{URL: home.URL}, newShelf(tokens))})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Me(t.Context()); err == nil {
			t.Error("a redirect was taken for an answer")
		}
		a, err := client.NewAuthority(client.AuthorityOptions{BaseURL: home.URL}, tokens.Endpoints)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.Refresh(t.Context(), tokens); err == nil {
			t.Error("a redirect was taken for tokens")
		}
		if err := a.Revoke(t.Context(), tokens); err == nil {
			t.Error("a redirect was taken for a revocation")
		}
	}
}

func TestTokensDoNotPrint(t *testing.T) {
	t.Parallel()
	tokens := client.Tokens{Access: "secret", Refresh: "secret"}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, tokens); got != "[tokens]" {
			t.Errorf("%s: %s", verb, got)
		}
	}
	if got := tokens.LogValue().String(); got != "[tokens]" {
		t.Error(got)
	}
}

func TestTokenOrTokens(t *testing.T) {
	t.Parallel()
	s := authtest.New(authURL)
	if _, err := client.New(client.Options{BaseURL: s.URL, Token: "t", Tokens: session(s, newShelf(client.Tokens{}))}); err == nil {
		t.Error("both are taken")
	}
	for _, address := range []string{"http://chat.example.com", "http://192.0.2.1", "http://localhost.evil.example"} {
		if _, err := client.New(client.Options{BaseURL: address, Tokens: session(s, newShelf(client.Tokens{}))}); err == nil {
			t.Errorf("tokens would go to %s", address)
		}
	}
}
