package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

func (w *world) external(user identity.UserID, subject string) identity.External {
	return identity.External{Issuer: "https://id.example.com", Subject: subject, User: user, Email: subject + "@example.com",
		EmailVerified: true, CreatedAt: w.now()}
}

func externals(w *world) {
	_, bob := w.newUser("bob")
	e := w.external(w.user, "1")
	_, err := w.who.ExternalUser(w.ctx, e, w.clock)
	w.want(fault.NotFound, err)
	w.must(w.who.Link(w.ctx, e))
	w.must(w.who.Link(w.ctx, e))
	foreign := e
	foreign.User = bob
	w.want(fault.IDConflict, w.who.Link(w.ctx, foreign))
	w.want(fault.NotFound, w.who.Link(w.ctx, w.external("nobody", "2")))
	broken := e
	broken.Email = "a\x00"
	w.want(fault.TextInvalid, w.who.Link(w.ctx, broken))

	// What the provider says is noted, and joins nobody to anything.
	said := identity.External{Issuer: e.Issuer, Subject: e.Subject, Email: "new@example.com"}
	at := w.now()
	u, err := w.who.ExternalUser(w.ctx, said, at)
	w.must(err)
	wantEqual(w, "user", u.ID, w.user)
	wantEqual(w, "user's address", u.Email, "")
	elsewhere := e
	elsewhere.Issuer = "https://other.example.com"
	_, err = w.who.ExternalUser(w.ctx, elsewhere, at)
	w.want(fault.NotFound, err)
	e.Email, e.EmailVerified, e.UsedAt = "new@example.com", false, at
	second := w.external(w.user, "2")
	w.must(w.who.Link(w.ctx, second))
	all, err := w.who.ExternalsOf(w.ctx, w.user)
	w.must(err)
	if len(all) != 2 || all[0] != e || all[1] != second {
		w.Fatalf("identities: %+v", all)
	}

	w.want(fault.NotFound, w.who.Unlink(w.ctx, bob, e.Issuer, e.Subject))
	w.want(fault.NotFound, w.who.Unlink(w.ctx, w.user, e.Issuer, "3"))
	w.must(w.who.Unlink(w.ctx, w.user, e.Issuer, e.Subject))
	w.want(fault.Invalid, w.who.Unlink(w.ctx, w.user, second.Issuer, second.Subject))
	w.must(w.who.Link(w.ctx, foreign)) // nobody's any more
}

// raceUnlink: of identities that are taken away at once one stays.
func raceUnlink(w *world) {
	const many = 4
	for n := range rounds {
		_, user := w.newUser("bob")
		for i := range many {
			w.must(w.who.Link(w.ctx, w.external(user, fmt.Sprint(n, "-", i))))
		}
		var refused atomic.Int64
		together(many, func(i int) {
			err := w.who.Unlink(w.ctx, user, "https://id.example.com", fmt.Sprint(n, "-", i))
			switch {
			case fault.Is(err, fault.Invalid):
				refused.Add(1)
			case err != nil:
				w.Errorf("unlink: %v", err)
			}
		})
		wantEqual(w, "refused", refused.Load(), 1)
		all, err := w.who.ExternalsOf(w.ctx, user)
		w.must(err)
		wantEqual(w, "left", len(all), 1)
	}
}

// raceLink: an identity becomes one user's, however many ask for it at once.
func raceLink(w *world) {
	const many = 4
	users := make([]identity.UserID, many)
	for i := range users {
		_, users[i] = w.newUser("bob")
	}
	for n := range rounds {
		e := w.external("", fmt.Sprint(n))
		var linked atomic.Int64
		together(2*many, func(i int) {
			mine := e
			mine.User = users[i%many]
			err := w.who.Link(w.ctx, mine)
			switch {
			case err == nil:
				linked.Add(1)
			case !fault.Is(err, fault.IDConflict):
				w.Errorf("link: %v", err)
			}
		})
		wantEqual(w, "linked", linked.Load(), 2) // by the one who asked twice
	}
}

func audit(w *world) {
	_, bob := w.newUser("bob")
	full := identity.Event{ID: "e1", At: w.now(), What: identity.SignedIn, User: w.user, By: string(w.user), Session: "s",
		Address: "192.0.2.1", Detail: "With Google, as “ann”."}
	w.must(w.who.Record(w.ctx, full))
	w.must(w.who.Record(w.ctx, full)) // the same once more
	w.must(w.who.Record(w.ctx, identity.Event{At: w.now(), What: identity.SignInRefused, Detail: "a\xff\x00b"}))
	w.must(w.who.Record(w.ctx, identity.Event{At: w.clock, What: identity.SignedIn, User: bob}))
	all, err := w.who.Events(w.ctx, identity.EventFilter{})
	w.must(err)
	wantEqual(w, "events", len(all), 3)
	wantEqual(w, "oldest", all[2], full)
	for _, e := range all[:2] {
		if e.ID == "" || e.What == identity.SignInRefused && e.Detail != "a\uFFFD\uFFFDb" {
			w.Errorf("event %+v", e)
		}
	}
	for _, tc := range []struct {
		f    identity.EventFilter
		want int
	}{
		{identity.EventFilter{User: w.user}, 1},
		{identity.EventFilter{User: "nobody"}, 0},
		{identity.EventFilter{What: identity.SignedIn}, 2},
		{identity.EventFilter{What: identity.SignedIn, User: bob}, 1},
		{identity.EventFilter{Since: full.At}, 3},
		{identity.EventFilter{Since: full.At.Add(time.Microsecond)}, 2},
		{identity.EventFilter{Limit: 2}, 2},
		{identity.EventFilter{Limit: 1 << 30}, 3},
	} {
		got, err := w.who.Events(w.ctx, tc.f)
		w.must(err)
		if len(got) != tc.want {
			w.Errorf("%+v: %d events, want %d", tc.f, len(got), tc.want)
		}
	}
	now := w.now()
	w.must(w.who.Record(w.ctx, identity.Event{What: identity.SignedOut, Session: "untimed"}))
	last, err := w.who.Events(w.ctx, identity.EventFilter{Limit: 1})
	w.must(err)
	if last[0].Session != "untimed" || last[0].At.Before(now) {
		w.Errorf("the event without a time: %+v", last[0])
	}
	n, err := w.who.PruneEvents(w.ctx, full.At.Add(time.Microsecond))
	w.must(err)
	wantEqual(w, "pruned", n, 1)
}
