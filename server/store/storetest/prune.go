package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// signinTables hold what Prune removes.
var signinTables = []string{"devices", "access_tokens", "refresh_tokens", "sessions", "logins", "email_codes", "browsers", "owner_links"}

func (w *world) rows(table string) int64 {
	w.Helper()
	return w.count(`SELECT count(*) FROM ` + table)
}

// prune: what has ended goes, and nothing a moment before.
func prune(w *world) {
	g := w.newGrant(w.user)
	b := w.newBrowser(w.user)
	w.newLogin(b, "state")
	w.newCode(b, "ann@example.com")
	w.newLink()
	n, err := w.signin.Prune(w.ctx, w.clock)
	w.must(err)
	wantEqual(w, "pruned at once", n, 0)
	for _, table := range signinTables {
		wantEqual(w, table, w.rows(table), 1)
	}
	n, err = w.signin.Prune(w.ctx, g.ExpiresAt.Add(time.Hour))
	w.must(err)
	if n < int64(len(signinTables))-1 {
		w.Errorf("%d rows went", n)
	}
	for _, table := range signinTables {
		wantEqual(w, table, w.rows(table), 0)
	}
	wantEqual(w, "users", w.rows("users"), 1)
}

// pruneTokens: an ended token is listed for a while, one that lives for ever.
func pruneTokens(w *world) {
	ended, live := w.newToken(w.user), w.newToken(w.user)
	w.must(w.who.RevokeToken(w.ctx, w.user, ended.ID, w.clock))
	for _, step := range []struct{ days, left int }{{1, 2}, {91, 1}} {
		_, err := w.signin.Prune(w.ctx, w.clock.AddDate(0, 0, step.days))
		w.must(err)
		all, err := w.who.Tokens(w.ctx, w.user)
		w.must(err)
		if len(all) != step.left || all[0].ID != live.ID {
			w.Errorf("after %d days: %+v", step.days, all)
		}
	}
}

// pruneKeeps: a session that lives stays whole, and its old tokens are known.
func pruneKeeps(w *world) {
	g := w.newGrant(w.user)
	first := g
	w.rotated(&g, signin.Fresh)
	w.clock = w.clock.Add(20 * time.Hour)
	w.rotated(&g, signin.Fresh)
	_, err := w.signin.Prune(w.ctx, w.clock)
	w.must(err)
	wantEqual(w, "salts", w.count(`SELECT count(*) FROM refresh_tokens WHERE length(salt) > 0`), 0)
	wantEqual(w, "refresh tokens", w.rows("refresh_tokens"), 3)
	wantEqual(w, "access tokens", w.rows("access_tokens"), 1)
	w.rotated(&g, signin.Fresh)
	w.rotated(&first, signin.Reused)

	// One that was ended goes at its end, not at that of its time.
	_, err = w.signin.Prune(w.ctx, w.clock.Add(time.Second))
	w.must(err)
	wantEqual(w, "sessions", w.rows("sessions"), 0)
	wantEqual(w, "refresh tokens", w.rows("refresh_tokens"), 0)
	ids, _, err := w.who.RevokedSince(w.ctx, time.Time{})
	w.must(err)
	wantEqual(w, "ends told", len(ids), 1)

	// More than one transaction removes.
	const many = 1001
	for range many {
		w.must(w.who.Record(w.ctx, identity.Event{At: w.clock, What: identity.SignedIn}))
	}
	n, err := w.who.PruneEvents(w.ctx, w.clock.Add(time.Second))
	w.must(err)
	wantEqual(w, "events", n, many)
}
