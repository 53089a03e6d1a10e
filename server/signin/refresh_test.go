package signin_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

const grace = 30 * time.Second

func TestRefresh(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		first := w.signIn()
		w.pass(10 * time.Minute)
		second := w.mustRefresh(first.RefreshToken)
		if second.Session != first.Session || second.RefreshToken == first.RefreshToken || second.AccessToken == first.AccessToken {
			w.Errorf("after %+v came %+v", first, second)
		}
		if second.ExpiresIn != 15*time.Minute || second.Scopes != identity.AllScopes {
			w.Errorf("granted: %+v", second)
		}
		w.wantIn(first) // for as long as it lives
		w.wantIn(second)
		w.pass(5 * time.Minute)
		w.wantOut(first.AccessToken)
		w.wantIn(second)
		w.pass(10 * time.Minute)
		w.wantOut(second.AccessToken)
	})
}

// TestParallelRefreshes: fifty at once have one successor, which goes on.
func TestParallelRefreshes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		for range 3 {
			got := make([]signin.Grant, 50)
			atOnce(len(got), func(i int) {
				var err error
				if got[i], err = w.refresh(g.RefreshToken); err != nil {
					w.Errorf("refresh: %v", err)
				}
			})
			for _, other := range got {
				if other != got[0] {
					w.Fatalf("two successors: %+v and %+v", got[0], other)
				}
			}
			g = got[0]
			w.wantIn(g)
			w.pass(time.Minute)
		}
		w.wantEnded()
	})
}

// TestRetry: whoever did not hear the answer hears it again, for half a minute,
// also when the successor has been used meanwhile.
func TestRetry(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		first := w.signIn()
		second := w.mustRefresh(first.RefreshToken)
		w.pass(10 * time.Second)
		third := w.mustRefresh(second.RefreshToken)
		w.pass(grace - 10*time.Second - time.Microsecond)
		again := w.mustRefresh(first.RefreshToken)
		if again.AccessToken != second.AccessToken || again.RefreshToken != second.RefreshToken {
			w.Errorf("the retry got %+v, the first %+v", again, second)
		}
		if want := second.ExpiresIn - grace + time.Microsecond; again.ExpiresIn != want {
			w.Errorf("the retry's token lives %v, want %v", again.ExpiresIn, want)
		}
		w.wantIn(third)
		w.wantEnded()
	})
}

// TestReuse: a token shown again after the grace ends its session, once, and no
// other.
func TestReuse(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		first, bystander := w.signIn(), w.signIn()
		second := w.mustRefresh(first.RefreshToken)
		w.pass(grace)
		atOnce(20, func(int) {
			if _, err := w.refresh(first.RefreshToken); !fault.Is(err, fault.Unauthenticated) {
				w.Errorf("refresh: %v", err)
			}
		})
		w.wantEnded(first.Session)
		if n := w.happened(identity.RefreshReused); n != 1 {
			w.Errorf("told of %d times", n)
		}
		w.wantOut(first.AccessToken)
		w.wantOut(second.AccessToken)
		_, err := w.refresh(second.RefreshToken)
		w.want(fault.Unauthenticated, err)
		w.wantIn(bystander)
		w.wantIn(w.mustRefresh(bystander.RefreshToken))
	})
}

// TestReuseMeetsRefresh: the thief and the owner at once. Whatever comes first,
// the session is over, and nothing goes on from it.
func TestReuseMeetsRefresh(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		for range 5 {
			first := w.signIn()
			second := w.mustRefresh(first.RefreshToken)
			w.pass(grace)
			var third signin.Grant
			atOnce(2, func(i int) {
				if i == 0 {
					_, _ = w.refresh(first.RefreshToken) // checked by what it does
					return
				}
				third, _ = w.refresh(second.RefreshToken)
			})
			w.wantOut(second.AccessToken)
			if third.AccessToken != "" {
				w.wantOut(third.AccessToken)
				_, err := w.refresh(third.RefreshToken)
				w.want(fault.Unauthenticated, err)
			}
		}
	})
}

// TestReplayAfterSigningOut: tokens of a session that was signed out end nothing
// else, and raise no alarm.
func TestReplayAfterSigningOut(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		first, bystander := w.signIn(), w.signIn()
		second := w.mustRefresh(first.RefreshToken)
		w.must(w.grants.Revoke(w.ctx, client, second.RefreshToken, identity.Seen{}))
		for _, pass := range []time.Duration{0, grace, time.Hour} {
			w.pass(pass)
			for _, token := range []string{first.RefreshToken, second.RefreshToken} {
				_, err := w.refresh(token)
				w.want(fault.Unauthenticated, err)
			}
		}
		w.wantEnded(first.Session)
		if n := w.happened(identity.RefreshReused); n != 0 {
			w.Errorf("%d alarms", n)
		}
		w.wantIn(w.mustRefresh(bystander.RefreshToken))
	})
}

func TestUnknownRefreshTokens(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		for _, token := range []string{"", "x", identity.RefreshToken.New(), g.AccessToken, g.RefreshToken + "a", g.RefreshToken[:40]} {
			_, err := w.refresh(token)
			w.want(fault.Unauthenticated, err)
		}
		w.wantIn(w.mustRefresh(g.RefreshToken))
	})
}

// TestIdle: a session that is not refreshed ends; one that is goes on.
func TestIdle(t *testing.T) {
	t.Parallel()
	const days = 24 * time.Hour
	onBoth(t, func(w *world) {
		used, idle := w.signIn(), w.signIn()
		w.pass(30*days - time.Microsecond)
		used = w.mustRefresh(used.RefreshToken)
		w.pass(time.Microsecond)
		_, err := w.refresh(idle.RefreshToken)
		w.want(fault.Unauthenticated, err)
		w.wantIn(used)
	})
}

// TestSessionLifetime: however often it is refreshed, a session ends, and no
// access token outlives it.
func TestSessionLifetime(t *testing.T) {
	t.Parallel()
	const days = 24 * time.Hour
	onBoth(t, func(w *world) {
		g := w.signIn()
		for range 8 {
			w.pass(20 * days)
			g = w.mustRefresh(g.RefreshToken)
		}
		w.pass(20*days - 5*time.Minute)
		g = w.mustRefresh(g.RefreshToken)
		if g.ExpiresIn != 5*time.Minute {
			w.Errorf("five minutes before its session's end a token lives %v", g.ExpiresIn)
		}
		w.pass(5*time.Minute - time.Microsecond)
		w.wantIn(g)
		w.pass(time.Microsecond)
		w.wantOut(g.AccessToken)
		_, err := w.refresh(g.RefreshToken)
		w.want(fault.Unauthenticated, err)
	})
}

// TestShortSessions: the first access token does not outlive its session either.
func TestShortSessions(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		o := w.options
		o.SessionLifetime = time.Minute
		w.grants = signin.NewGrants(o)
		g := w.signIn()
		if g.ExpiresIn != time.Minute {
			w.Errorf("it lives %v", g.ExpiresIn)
		}
		w.pass(time.Minute)
		w.wantOut(g.AccessToken)
	})
}

// watched is a store that remembers what it was shown.
type watched struct {
	signin.GrantStore
	hashes    [][]byte
	rotations []signin.Rotation
}

func (s *watched) PollDevice(ctx context.Context, codeHash []byte, now time.Time) (signin.Poll, error) {
	s.hashes = append(s.hashes, codeHash)
	return s.GrantStore.PollDevice(ctx, codeHash, now)
}

func (s *watched) SessionOf(ctx context.Context, tokenHash []byte) (identity.Session, error) {
	s.hashes = append(s.hashes, tokenHash)
	return s.GrantStore.SessionOf(ctx, tokenHash)
}

func (s *watched) Rotate(ctx context.Context, r signin.Rotation) (signin.Rotated, error) {
	s.rotations = append(s.rotations, r)
	return s.GrantStore.Rotate(ctx, r)
}

// TestWhatTheStoreIsShown: it looks up by hashes alone, so that how long it takes
// says nothing of a secret; and each rotation brings chance of its own, without
// which an old token would tell its successors.
func TestWhatTheStoreIsShown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		o := w.options
		store := &watched{GrantStore: o.Store}
		o.Store = store
		w.grants = signin.NewGrants(o)
		codes := w.begin()
		w.decide(codes, true)
		first := w.wantStanding(codes, signin.LetIn).Grant
		second := w.mustRefresh(first.RefreshToken)
		w.mustRefresh(first.RefreshToken)
		w.must(w.grants.Revoke(w.ctx, client, second.AccessToken, identity.Seen{}))
		shown := []string{codes.DeviceCode, first.RefreshToken, first.RefreshToken, second.AccessToken}
		if len(store.hashes) != len(shown) || len(store.rotations) != 2 {
			w.Fatalf("%d lookups, %d rotations", len(store.hashes), len(store.rotations))
		}
		for i, hash := range store.hashes {
			if !bytes.Equal(hash, identity.Hash(shown[i])) {
				w.Errorf("lookup %d is not by the hash", i)
			}
		}
		a, b := store.rotations[0], store.rotations[1]
		if len(a.Salt) < 16 || len(b.Salt) < 16 || bytes.Equal(a.Salt, b.Salt) {
			w.Errorf("salts of %d and %d bytes, equal: %v", len(a.Salt), len(b.Salt), bytes.Equal(a.Salt, b.Salt))
		}
		if !bytes.Equal(a.Hash, identity.Hash(first.RefreshToken)) {
			w.Error("a rotation is not by the hash")
		}
	})
}

func TestScopes(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		codes := w.beginAs(signin.DeviceRequest{Client: client, Scopes: identity.ScopeChat})
		w.decide(codes, true)
		g := w.wantStanding(codes, signin.LetIn).Grant
		p, err := w.authenticate(g.AccessToken)
		w.must(err)
		if g.Scopes != identity.ScopeChat || p.Scopes != identity.ScopeChat {
			w.Errorf("granted %v, acts with %v", g.Scopes, p.Scopes)
		}
		// More than it has is refused, and the token is as good as before.
		_, err = w.grants.Refresh(w.ctx, signin.Refreshing{Client: client, Token: g.RefreshToken, Scopes: identity.AllScopes})
		w.wantSubject(signin.SubjectScope, err)
		w.pass(time.Hour)
		got, err := w.grants.Refresh(w.ctx, signin.Refreshing{Client: client, Token: g.RefreshToken, Scopes: identity.ScopeRead})
		w.must(err)
		if got.Scopes != identity.ScopeChat {
			w.Errorf("after a refresh: %v", got.Scopes)
		}
		w.wantEnded()
	})
}
