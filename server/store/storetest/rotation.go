package storetest

import (
	"bytes"
	"crypto/rand"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

const grace = 30 * time.Second

// rotation shows the grant's refresh token.
func (w *world) rotation(g grant) signin.Rotation {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails
	return signin.Rotation{Hash: identity.Hash(g.refresh), Now: w.clock, Salt: salt, Grace: grace,
		Successor: func(salt []byte) (refresh, access []byte) {
			next := g.follow(salt)
			return identity.Hash(next.refresh), identity.Hash(next.access)
		},
		AccessExpiresAt: w.clock.Add(15 * time.Minute), IdleUntil: w.clock.Add(24 * time.Hour),
		Seen: identity.Seen{Address: "192.0.2.7", Client: "aichat 2"}}
}

// follow is the grant with the tokens that a salt gives.
func (g grant) follow(salt []byte) grant {
	from := g.refresh
	g.refresh, g.access = identity.RefreshToken.Derived(from, salt), identity.AccessToken.Derived(from, salt)
	g.before = append(slices.Clip(g.before), from)
	return g
}

// former is the refresh token before the grant's.
func (g grant) former() string { return g.before[len(g.before)-1] }

// rotated rotates the grant's token, which is to have that outcome.
func (w *world) rotated(g *grant, want signin.RotationOutcome) signin.Rotated {
	w.Helper()
	out, err := w.signin.Rotate(w.ctx, w.rotation(*g))
	w.must(err)
	wantEqual(w, "outcome", out.Outcome, want)
	if want == signin.Fresh || want == signin.Retried {
		*g = g.follow(out.Salt)
		g.Session = out.Session
	}
	return out
}

func (w *world) wantAccess(g grant, allowed bool) {
	w.Helper()
	_, _, err := w.who.SessionByAccess(w.ctx, identity.Hash(g.access), w.clock)
	if allowed {
		w.must(err)
	} else {
		w.want(fault.Unauthenticated, err)
	}
}

func rotate(w *world) {
	g := w.newGrant(w.user)
	first := g
	w.clock = w.clock.Add(10 * time.Minute)
	r := w.rotation(g)
	out, err := w.signin.Rotate(w.ctx, r)
	w.must(err)
	wantEqual(w, "outcome", out.Outcome, signin.Fresh)
	wantEqual(w, "salt", string(out.Salt), string(r.Salt))
	wantEqual(w, "access until", out.AccessExpiresAt, r.AccessExpiresAt)
	want := g.Session
	want.SeenAt, want.IdleUntil, want.Address, want.Version = w.clock, r.IdleUntil, r.Seen.Address, r.Seen.Client
	wantEqual(w, "session", out.Session, want)
	next := g.follow(out.Salt)
	w.wantAccess(next, true)
	w.wantAccess(first, true) // until it expires

	// A retry within the grace is told the same, and so is the next.
	for _, after := range []time.Duration{0, time.Second, grace - time.Microsecond} {
		w.clock = r.Now.Add(after)
		again := first
		got := w.rotated(&again, signin.Retried)
		wantEqual(w, "successor", again.refresh, next.refresh)
		wantEqual(w, "access until", got.AccessExpiresAt, r.AccessExpiresAt)
		wantEqual(w, "session", got.Session, want)
	}
	w.rotated(&next, signin.Fresh)
	w.rotated(&next, signin.Fresh)
	w.wantAccess(next, true)
	unknown := g
	unknown.refresh = identity.RefreshToken.New()
	out = w.rotated(&unknown, signin.Unknown)
	wantEqual(w, "session", out.Session, identity.Session{})
	broken := w.rotation(next)
	broken.Seen.Client = "\xff"
	_, err = w.signin.Rotate(w.ctx, broken)
	w.want(fault.TextInvalid, err)

	// Nothing outlives the session.
	w.clock = next.IdleUntil.Add(-time.Minute)
	w.rotated(&next, signin.Fresh)
	w.clock = next.ExpiresAt.Add(-time.Minute)
	out = w.rotated(&next, signin.Fresh)
	wantEqual(w, "access until", out.AccessExpiresAt, next.ExpiresAt)
	w.clock = next.ExpiresAt
	w.rotated(&next, signin.Unknown)
	idle := w.newGrant(w.user)
	w.clock = idle.IdleUntil
	w.rotated(&idle, signin.Unknown)
}

// rotateReuse: a token shown again after the grace ends its session, and no
// other; one of a session that has ended, nothing.
func rotateReuse(w *world) {
	g, other := w.newGrant(w.user), w.newGrant(w.user)
	stolen := g
	w.rotated(&g, signin.Fresh)
	w.clock = w.clock.Add(grace)
	out := w.rotated(&stolen, signin.Reused)
	wantEqual(w, "session", out.Session.ID, g.ID)
	wantEqual(w, "revoked at", out.Session.RevokedAt, w.clock)
	wantEqual(w, "salt", len(out.Salt), 0)
	w.wantAccess(g, false)
	w.wantSessions(w.clock, other.ID)
	w.rotated(&stolen, signin.Unknown)
	w.rotated(&g, signin.Unknown)
	w.wantAccess(other, true)

	// A token of a session that was signed out.
	late := other
	w.rotated(&other, signin.Fresh)
	w.must(w.who.RevokeSession(w.ctx, w.user, other.ID, w.clock))
	third := w.newGrant(w.user)
	for _, after := range []time.Duration{0, grace} {
		w.clock = w.clock.Add(after)
		w.rotated(&late, signin.Unknown)
		w.rotated(&other, signin.Unknown)
	}
	w.wantSessions(w.clock, third.ID)
	got, err := w.signin.SessionOf(w.ctx, identity.Hash(other.refresh))
	w.must(err)
	if !got.RevokedAt.Before(w.clock) {
		w.Errorf("revoked again, at %v", got.RevokedAt)
	}
}

// rotateSalts: a salt is kept as long as somebody may ask for it, and no longer.
func rotateSalts(w *world) {
	g := w.newGrant(w.user)
	first := g
	a := w.rotated(&g, signin.Fresh)
	w.clock = w.clock.Add(grace - time.Second)
	w.rotated(&g, signin.Fresh) // within the first one's grace
	out := w.rotated(&first, signin.Retried)
	wantEqual(w, "salt", bytes.Equal(out.Salt, a.Salt), true)
	wantEqual(w, "salts", w.count(`SELECT count(*) FROM refresh_tokens WHERE length(salt) > 0`), 2)
	w.clock = w.clock.Add(grace)
	w.rotated(&g, signin.Fresh)
	wantEqual(w, "salts", w.count(`SELECT count(*) FROM refresh_tokens WHERE length(salt) > 0`), 1)
}

// raceRotate: of many that show one token at once one claims it, and all are told
// the same successor.
func raceRotate(w *world) {
	const many = 50
	g := w.newGrant(w.user)
	for range rounds {
		rotations := make([]signin.Rotation, many)
		for i := range rotations {
			rotations[i] = w.rotation(g)
		}
		var mu sync.Mutex
		count := map[signin.RotationOutcome]int{}
		salts := map[string]bool{}
		together(many, func(i int) {
			out, err := w.signin.Rotate(w.ctx, rotations[i])
			if err != nil {
				w.Errorf("rotate: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			count[out.Outcome]++
			salts[string(out.Salt)] = true
			if !out.AccessExpiresAt.Equal(rotations[i].AccessExpiresAt) {
				w.Errorf("access until %v", out.AccessExpiresAt)
			}
			g.Session = out.Session
		})
		wantEqual(w, "fresh", count[signin.Fresh], 1)
		wantEqual(w, "retried", count[signin.Retried], many-1)
		wantEqual(w, "salts", len(salts), 1)
		for salt := range salts {
			g = g.follow([]byte(salt))
		}
		w.wantAccess(g, true)
		w.clock = w.clock.Add(time.Minute)
	}
}

// raceRotateRevoke: a session that is ended while it is refreshed stays ended.
func raceRotateRevoke(w *world) {
	for range rounds {
		g := w.newGrant(w.user)
		r := w.rotation(g)
		var out signin.Rotated
		together(4, func(i int) {
			if i == 0 {
				if err := w.who.RevokeSession(w.ctx, w.user, g.ID, r.Now); err != nil {
					w.Errorf("revoke: %v", err)
				}
				return
			}
			got, err := w.signin.Rotate(w.ctx, r)
			if err != nil {
				w.Errorf("rotate: %v", err)
			}
			if i == 1 {
				out = got
			}
		})
		w.wantAccess(g, false)
		if out.Outcome == signin.Fresh || out.Outcome == signin.Retried {
			g = g.follow(out.Salt)
			w.wantAccess(g, false)
		}
		w.rotated(&g, signin.Unknown)
	}
}

func sessionOf(w *world) {
	g := w.newGrant(w.user)
	w.newGrant(w.user)
	for _, text := range []string{g.refresh, g.access} {
		s, err := w.signin.SessionOf(w.ctx, identity.Hash(text))
		w.must(err)
		wantEqual(w, "session", s, g.Session)
	}
	_, err := w.signin.SessionOf(w.ctx, identity.Hash("x"))
	w.want(fault.NotFound, err)
}
