package storetest

import (
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// person is a user with everything filled in.
func (w *world) person(name, email string) identity.User {
	u := identity.User{ID: identity.UserID(conversation.NewID()), Name: name, Account: identity.AccountID(conversation.NewID()),
		CreatedAt: w.now(), Email: email, AvatarURL: "https://example.com/a.png", Locale: "de-CH", TimeZone: "Europe/Zurich",
		DefaultModel: "demo/echo"}
	w.must(w.who.CreateUser(w.ctx, u))
	return u
}

func (w *world) admin(name string) identity.UserID {
	u := w.person(name, "")
	w.must(w.who.SetServerAdmin(w.ctx, u.ID, true))
	return u.ID
}

// names: an address goes before a name, and is the same in any case.
func names(w *world) {
	carl := w.person("carl", "Carl@Example.com")
	got, err := w.who.UserNamed(w.ctx, "carl@example.COM")
	w.must(err)
	wantEqual(w, "user by address", got, carl)
	w.person("carl@example.com", "odd@example.com") // means to get what is carl's
	got, err = w.who.UserNamed(w.ctx, "carl@example.com")
	w.must(err)
	wantEqual(w, "user by address, which is a name, too", got.ID, carl.ID)
	ben := w.person("ben@example.com", "")
	got, err = w.who.UserNamed(w.ctx, "ben@example.com")
	w.must(err)
	wantEqual(w, "user by name", got.ID, ben.ID)
	w.person("dora", "carl@example.com")
	_, err = w.who.UserNamed(w.ctx, "Carl@example.com")
	w.want(fault.Invalid, err)
	_, err = w.who.UserNamed(w.ctx, "")
	w.want(fault.NotFound, err)
}

// profile: what is named is changed, and nothing else.
func profile(w *world) {
	u := w.person("eve", "eve@example.com")
	name, none := "Eve Ä.", ""
	got, err := w.who.ChangeProfile(w.ctx, u.ID, identity.ProfileChange{Name: &name, AvatarURL: &none})
	w.must(err)
	u.Name, u.AvatarURL = name, none
	wantEqual(w, "changed", got, u)
	zone, locale, model := "UTC", "en", "demo/slow"
	got, err = w.who.ChangeProfile(w.ctx, u.ID, identity.ProfileChange{TimeZone: &zone, Locale: &locale, DefaultModel: &model})
	w.must(err)
	u.TimeZone, u.Locale, u.DefaultModel = zone, locale, model
	wantEqual(w, "changed again", got, u)
	stored, err := w.who.User(w.ctx, u.ID)
	w.must(err)
	wantEqual(w, "stored", stored, u)
	_, p, err := w.who.TokenByHash(w.ctx, w.newToken(u.ID).Hash, w.clock)
	w.must(err)
	wantEqual(w, "principal's model", p.DefaultModel, model)
	_, err = w.who.ChangeProfile(w.ctx, "nobody", identity.ProfileChange{Name: &name})
	w.want(fault.NotFound, err)
	broken := "a\xff"
	_, err = w.who.ChangeProfile(w.ctx, u.ID, identity.ProfileChange{TimeZone: &broken})
	w.want(fault.TextInvalid, err)
}

func serverAdmins(w *world) {
	is := func(want bool) {
		w.Helper()
		got, err := w.who.HasServerAdmin(w.ctx)
		w.must(err)
		wantEqual(w, "has a server admin", got, want)
	}
	is(false)
	w.must(w.who.SetServerAdmin(w.ctx, w.user, false))
	w.want(fault.NotFound, w.who.SetServerAdmin(w.ctx, "nobody", true))
	w.want(fault.NotFound, w.who.SetServerAdmin(w.ctx, "nobody", false))
	first := w.admin("first")
	is(true)
	w.want(fault.Invalid, w.who.SetServerAdmin(w.ctx, first, false))
	w.want(fault.Invalid, w.who.DeleteUser(w.ctx, first))
	second := w.admin("second")
	w.must(w.who.DeleteUser(w.ctx, first))
	w.want(fault.Invalid, w.who.SetServerAdmin(w.ctx, second, false))
	is(true)
	tok := w.newToken(second)
	_, p, err := w.who.TokenByHash(w.ctx, tok.Hash, w.clock)
	w.must(err)
	wantEqual(w, "server admin", p.ServerAdmin, true)
}

// raceServerAdmins: of admins that are all removed at once one stays.
func raceServerAdmins(w *world) {
	w.admin("a")
	for range rounds {
		w.admin("b")
		w.admin("c")
		w.admin("d")
		var admins []identity.UserID
		all, err := w.who.Users(w.ctx)
		w.must(err)
		for _, u := range all {
			if u.ServerAdmin {
				admins = append(admins, u.ID)
			}
		}
		var refused atomic.Int64
		together(len(admins), func(i int) {
			var err error
			if i%2 == 0 {
				err = w.who.SetServerAdmin(w.ctx, admins[i], false)
			} else {
				err = w.who.DeleteUser(w.ctx, admins[i])
			}
			switch {
			case fault.Is(err, fault.Invalid):
				refused.Add(1)
			case err != nil:
				w.Errorf("remove an admin: %v", err)
			}
		})
		wantEqual(w, "refused", refused.Load(), 1)
		is, err := w.who.HasServerAdmin(w.ctx)
		w.must(err)
		wantEqual(w, "has a server admin", is, true)
	}
}

func (w *world) newToken(user identity.UserID) identity.Token {
	w.Helper()
	tok := identity.Token{ID: conversation.NewID(), User: user, Name: "script", CreatedAt: w.now(),
		Hash: identity.Hash(identity.PersonalToken.New()), Scopes: identity.ScopeChat}
	w.must(w.who.AddToken(w.ctx, tok))
	return tok
}

// tokenSeen: a use is noted to the minute.
func tokenSeen(w *world) {
	tok := w.newToken(w.user)
	used := func() time.Time {
		w.Helper()
		got, _, err := w.who.TokenByHash(w.ctx, tok.Hash, w.clock)
		w.must(err)
		return got.UsedAt
	}
	wantEqual(w, "used", used(), time.Time{})
	first := w.now()
	for _, seen := range []struct{ at, want time.Time }{
		{first, first},
		{first.Add(59 * time.Second), first},
		{first.Add(time.Minute), first.Add(time.Minute)},
		{first, first.Add(time.Minute)},
	} {
		w.must(w.who.TokenSeen(w.ctx, tok.ID, seen.at))
		wantEqual(w, "used", used(), seen.want)
	}
	w.must(w.who.TokenSeen(w.ctx, "nothing", first))
}
