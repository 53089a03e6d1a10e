package storetest

import (
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

func identities(w *world) {
	_, bob := w.newUser("bob")
	w.newUser("bob")
	u, err := w.who.UserNamed(w.ctx, "ann")
	w.must(err)
	wantEqual(w, "user", u.ID, w.user)
	wantEqual(w, "account", u.Account, w.account)
	_, err = w.who.UserNamed(w.ctx, "bob")
	w.want(fault.Invalid, err)
	_, err = w.who.UserNamed(w.ctx, "eve")
	w.want(fault.NotFound, err)
	all, err := w.who.Users(w.ctx)
	w.must(err)
	if len(all) != 3 || all[0].ID != w.user || all[1].ID != bob {
		w.Fatalf("users: %+v", all)
	}
	w.want(fault.IDConflict, w.who.CreateUser(w.ctx, all[0]))
	w.want(fault.TextInvalid, w.who.CreateUser(w.ctx, identity.User{Name: "a\x00b"}))
	u, err = w.who.User(w.ctx, bob)
	w.must(err)
	wantEqual(w, "user", u, all[1])
	_, err = w.who.User(w.ctx, "nobody")
	w.want(fault.NotFound, err)
}

func tokens(w *world) {
	text := identity.PersonalToken.New()
	tok := identity.Token{ID: conversation.NewID(), User: w.user, Name: "laptop", Hash: identity.Hash(text),
		CreatedAt: w.now(), ExpiresAt: w.clock.Add(time.Hour), Scopes: identity.ScopeRead | identity.ScopeAccount}
	w.must(w.who.AddToken(w.ctx, tok))
	w.want(fault.IDConflict, w.who.AddToken(w.ctx, tok))
	later := tok
	later.ID, later.Hash, later.CreatedAt, later.ExpiresAt = conversation.NewID(), identity.Hash("x"), w.now(), time.Time{}
	w.must(w.who.AddToken(w.ctx, later))

	got, p, err := w.who.TokenByHash(w.ctx, tok.Hash, w.clock)
	w.must(err)
	wantEqual(w, "token", got.ID, tok.ID)
	wantEqual(w, "scopes", got.Scopes, tok.Scopes)
	wantEqual(w, "principal", p, identity.Principal{User: w.user, Account: w.account, Role: identity.Owner, Session: tok.ID, Scopes: tok.Scopes,
		Terms: identity.Terms{Anchor: 1}})
	w.must(w.quota.SetPlan(w.ctx, w.account, "pro"))
	w.must(w.quota.SetAnchor(w.ctx, w.account, 17))
	_, p, err = w.who.TokenByHash(w.ctx, tok.Hash, w.clock)
	w.must(err)
	wantEqual(w, "terms", p.Terms, identity.Terms{Plan: "pro", Anchor: 17})
	_, _, err = w.who.TokenByHash(w.ctx, tok.Hash, tok.ExpiresAt)
	w.want(fault.Unauthenticated, err)
	_, _, err = w.who.TokenByHash(w.ctx, identity.Hash("y"), w.clock)
	w.want(fault.Unauthenticated, err)
	_, _, err = w.who.TokenByHash(w.ctx, later.Hash, w.clock.AddDate(100, 0, 0))
	w.must(err)

	w.must(w.who.RevokeToken(w.ctx, w.user, later.ID, w.clock))
	w.must(w.who.RevokeToken(w.ctx, w.user, later.ID, w.clock.Add(time.Hour)))
	_, _, err = w.who.TokenByHash(w.ctx, later.Hash, w.clock)
	w.want(fault.Unauthenticated, err)
	_, other := w.newUser("bob")
	w.want(fault.NotFound, w.who.RevokeToken(w.ctx, other, tok.ID, w.clock))
	all, err := w.who.Tokens(w.ctx, w.user)
	w.must(err)
	if len(all) != 2 || all[0].ID != later.ID || all[0].RevokedAt.IsZero() || !all[1].RevokedAt.IsZero() {
		w.Fatalf("tokens: %+v", all)
	}
}

func oneLocalOwner(w *world) {
	ids := make([]identity.UserID, 8)
	var group sync.WaitGroup
	for i := range ids {
		group.Go(func() {
			u, err := w.who.LocalOwner(w.ctx)
			if err != nil {
				w.Errorf("local owner: %v", err)
			}
			ids[i] = u.ID
		})
	}
	group.Wait()
	u, err := w.who.LocalOwner(w.ctx)
	w.must(err)
	for _, id := range ids {
		wantEqual(w, "owner", id, u.ID)
	}
	wantEqual(w, "local", u.Local, true)
	all, err := w.who.Users(w.ctx)
	w.must(err)
	wantEqual(w, "users", len(all), 2)
}
