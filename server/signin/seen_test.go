package signin_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

type sessionStore interface{ identity.Sessions }

// slow is a store whose sightings wait until they are let go.
type slow struct {
	sessionStore
	let   chan struct{}
	calls atomic.Int32
}

func (s *slow) SessionSeen(ctx context.Context, id string, seen identity.Seen, at time.Time) error {
	s.calls.Add(1)
	<-s.let
	return s.sessionStore.SessionSeen(ctx, id, seen, at)
}

// TestSeen: requests do not wait for their sighting, of which there is one a
// minute, and Close does.
func TestSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		sessions := &slow{sessionStore: w.options.Sessions, let: make(chan struct{})}
		o := w.options
		o.Sessions = sessions
		w.grants = signin.NewGrants(o)
		w.wantIn(g) // it was seen when it was opened
		w.pass(time.Minute)
		atOnce(20, func(int) { w.wantIn(g) })
		w.pass(30 * time.Second)
		w.wantIn(g)
		close(sessions.let)
		w.grants.Close()
		if n := sessions.calls.Load(); n != 1 {
			w.Errorf("%d sightings, want 1", n)
		}
		all, err := w.db.Identities().Sessions(w.ctx, w.user, w.now())
		w.must(err)
		if s := all[0]; !s.SeenAt.Equal(w.now().Add(-30*time.Second)) || s.Address != "192.0.2.3" || s.Version != "aichat 1.4" {
			w.Errorf("seen: %+v", s)
		}
		w.pass(time.Minute)
		w.wantIn(g) // after Close it is not noted any more
		if n := sessions.calls.Load(); n != 1 {
			w.Errorf("%d sightings after the end", n-1)
		}
	})
}

func TestTokensAreSeen(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		_, text := w.newToken(time.Time{})
		_, err := w.authenticate(text)
		w.must(err)
		w.grants.Close()
		all, err := w.db.Identities().Tokens(w.ctx, w.user)
		w.must(err)
		if len(all) != 1 || !all[0].UsedAt.Equal(w.now()) {
			w.Errorf("tokens: %+v", all)
		}
	})
}

// TestHostileSightings: what a program says of itself while it refreshes or asks
// is cleaned as at the beginning.
func TestHostileSightings(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		hostile := identity.Seen{Address: "192.0.2.9\r\nx", Client: "a\x1b[2J\x00\u202eb\xff"}
		_, err := w.grants.Refresh(w.ctx, signin.Refreshing{Client: client, Token: g.RefreshToken, From: hostile})
		w.must(err)
		want := func(address, version string) {
			w.Helper()
			all, err := w.db.Identities().Sessions(w.ctx, w.user, w.now())
			w.must(err)
			if all[0].Address != address || all[0].Version != version {
				w.Errorf("stored: %q, %q", all[0].Address, all[0].Version)
			}
		}
		want("192.0.2.9 x", "a[2Jb")
		w.pass(2 * time.Minute)
		_, err = w.grants.Authenticate(w.ctx, g.AccessToken, identity.Seen{Address: "\x00192.0.2.10", Client: "c\x00\nd\xff"})
		w.must(err)
		w.grants.Close()
		want("192.0.2.10", "c d")
	})
}
