package storetest

import (
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// grant is a session with its newest tokens.
type grant struct {
	identity.Session
	refresh, access string
	before          []string // its earlier refresh tokens
}

// newGrant signs a program in, by way of a device.
func (w *world) newGrant(user identity.UserID) grant {
	w.Helper()
	d := w.newDevice()
	_, err := w.signin.DecideDevice(w.ctx, d.UserCodeHash, user, true, w.clock)
	w.must(err)
	g := w.newOpening()
	g.Session, err = w.signin.ClaimDevice(w.ctx, d.CodeHash, g.opening())
	w.must(err)
	return g
}

// newOpening is a session that may begin.
func (w *world) newOpening() grant {
	at := w.now()
	return grant{refresh: identity.RefreshToken.New(), access: identity.AccessToken.New(),
		Session: identity.Session{ID: conversation.NewID(), Client: "aichat-cli", Scopes: identity.AllScopes,
			Device: "laptop", Version: "aichat 1", Address: "192.0.2.1", CreatedAt: at, SeenAt: at,
			IdleUntil: at.Add(24 * time.Hour), ExpiresAt: at.Add(48 * time.Hour)}}
}

func (g grant) opening() signin.Opening {
	return signin.Opening{Session: g.Session, AccessHash: identity.Hash(g.access), RefreshHash: identity.Hash(g.refresh),
		AccessExpiresAt: g.CreatedAt.Add(15 * time.Minute)}
}

func sessions(w *world) {
	one, two := w.newGrant(w.user), w.newGrant(w.user)
	s, p, err := w.who.SessionByAccess(w.ctx, identity.Hash(one.access), w.clock)
	w.must(err)
	wantEqual(w, "session", s, one.Session)
	wantEqual(w, "principal", p, identity.Principal{User: w.user, Account: w.account, Role: identity.Owner,
		Scopes: identity.AllScopes, Session: one.ID, Terms: identity.Terms{Anchor: 1}})
	for what, at := range map[string]time.Time{"access token": one.CreatedAt.Add(15 * time.Minute), "session": one.ExpiresAt} {
		if _, _, err := w.who.SessionByAccess(w.ctx, identity.Hash(one.access), at); !fault.Is(err, fault.Unauthenticated) {
			w.Errorf("after the end of the %s: %v", what, err)
		}
	}
	_, _, err = w.who.SessionByAccess(w.ctx, identity.Hash(one.refresh), w.clock)
	w.want(fault.Unauthenticated, err)

	w.wantSessions(w.clock, two.ID, one.ID)
	w.must(w.who.SessionSeen(w.ctx, one.ID, identity.Seen{}, w.clock.Add(time.Hour)))
	w.wantSessions(w.clock, one.ID, two.ID)
	w.wantSessions(one.IdleUntil, two.ID)
	w.wantSessions(two.IdleUntil)

	_, other := w.newUser("bob")
	w.want(fault.NotFound, w.who.RevokeSession(w.ctx, other, one.ID, w.now()))
	first := w.now()
	w.must(w.who.RevokeSession(w.ctx, w.user, one.ID, first))
	w.must(w.who.RevokeSession(w.ctx, w.user, one.ID, w.now()))
	got, err := w.signin.SessionOf(w.ctx, identity.Hash(one.access))
	w.must(err)
	wantEqual(w, "revoked at", got.RevokedAt, first)
	_, _, err = w.who.SessionByAccess(w.ctx, identity.Hash(one.access), w.clock)
	w.want(fault.Unauthenticated, err)
	w.wantSessions(w.clock, two.ID)

	three, foreign := w.newGrant(w.user), w.newGrant(other)
	ids, err := w.who.RevokeSessions(w.ctx, w.user, three.ID, w.now())
	w.must(err)
	wantEqual(w, "ended", slices.Equal(ids, []string{two.ID}), true)
	w.wantSessions(w.clock, three.ID)
	ids, err = w.who.RevokeSessions(w.ctx, w.user, "", w.now())
	w.must(err)
	wantEqual(w, "ended", slices.Equal(ids, []string{three.ID}), true)
	w.wantSessions(w.clock)
	_, _, err = w.who.SessionByAccess(w.ctx, identity.Hash(foreign.access), w.clock)
	w.must(err)
}

func (w *world) wantSessions(now time.Time, want ...string) {
	w.Helper()
	all, err := w.who.Sessions(w.ctx, w.user, now)
	w.must(err)
	var got []string
	for _, s := range all {
		got = append(got, s.ID)
	}
	if !slices.Equal(got, want) {
		w.Fatalf("sessions %v, want %v", got, want)
	}
}

// sessionSeen: a use is noted to the minute, with what is known of it.
func sessionSeen(w *world) {
	g := w.newGrant(w.user)
	at := g.CreatedAt
	for _, step := range []struct {
		seen          identity.Seen
		after         time.Duration
		last          time.Duration
		address, with string
	}{
		{identity.Seen{Address: "2001:db8::1", Client: "aichat 2"}, 59 * time.Second, 0, "192.0.2.1", "aichat 1"},
		{identity.Seen{Address: "2001:db8::1", Client: "aichat 2"}, time.Minute, time.Minute, "2001:db8::1", "aichat 2"},
		{identity.Seen{}, 3 * time.Minute, 3 * time.Minute, "2001:db8::1", "aichat 2"},
		{identity.Seen{Client: "aichat 3"}, time.Minute, 3 * time.Minute, "2001:db8::1", "aichat 2"},
	} {
		w.must(w.who.SessionSeen(w.ctx, g.ID, step.seen, at.Add(step.after)))
		s, _, err := w.who.SessionByAccess(w.ctx, identity.Hash(g.access), w.clock)
		w.must(err)
		wantEqual(w, "seen at", s.SeenAt, at.Add(step.last))
		wantEqual(w, "address", s.Address, step.address)
		wantEqual(w, "program", s.Version, step.with)
	}
	w.must(w.who.SessionSeen(w.ctx, "nothing", identity.Seen{}, w.clock))
	w.want(fault.TextInvalid, w.who.SessionSeen(w.ctx, g.ID, identity.Seen{Client: "a\x00"}, w.clock))
}

// revokedSince: whoever goes on from the newest misses no end, whatever ended it.
func revokedSince(w *world) {
	ids, newest, err := w.who.RevokedSince(w.ctx, time.Time{})
	w.must(err)
	wantEqual(w, "none yet", len(ids), 0)
	wantEqual(w, "newest", newest, time.Time{})
	tok, one, two, reused := w.newToken(w.user), w.newGrant(w.user), w.newGrant(w.user), w.newGrant(w.user)
	_, bob := w.newUser("bob")
	bobs := w.newGrant(bob)
	seen := map[string]bool{}
	for _, end := range []func() error{
		func() error { return w.who.RevokeToken(w.ctx, w.user, tok.ID, w.now()) },
		func() error { return w.who.RevokeSession(w.ctx, w.user, one.ID, w.now()) },
		func() error {
			w.rotated(&reused, signin.Fresh)
			w.clock = w.clock.Add(time.Hour)
			old := reused
			old.refresh = old.former()
			w.rotated(&old, signin.Reused)
			return nil
		},
		func() error { _, err := w.who.RevokeSessions(w.ctx, w.user, "", w.now()); return err },
		func() error { return w.who.DeleteUser(w.ctx, bob) },
	} {
		w.must(end())
		if ids, newest, err = w.who.RevokedSince(w.ctx, newest); err != nil {
			w.Fatal(err)
		}
		for _, id := range ids {
			seen[id] = true
		}
	}
	for _, id := range []string{tok.ID, one.ID, two.ID, reused.ID, bobs.ID} {
		if !seen[id] {
			w.Errorf("%s was not told", id)
		}
	}
	wantEqual(w, "told", len(seen), 5)
	ids, again, err := w.who.RevokedSince(w.ctx, newest.Add(time.Hour))
	w.must(err)
	wantEqual(w, "long ago", len(ids), 0)
	wantEqual(w, "newest", again, newest.Add(time.Hour))
}
