package storetest

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

func (w *world) newInvitation(mailbox string, admin bool) signin.Invitation {
	w.Helper()
	i := signin.Invitation{Mailbox: mailbox, Admin: admin, By: string(w.user), CreatedAt: w.now()}
	i.ExpiresAt = i.CreatedAt.Add(time.Hour)
	letter := letterTo(mailbox)
	w.must(w.signin.Invite(w.ctx, i, &letter))
	return i
}

// signUpOf makes a new user of a new identity.
func (w *world) signUpOf(subject string) signin.SignUp {
	u := identity.User{ID: identity.UserID(conversation.NewID()), Name: subject, Account: identity.AccountID(conversation.NewID()),
		CreatedAt: w.now(), Email: subject + "@example.com"}
	letter := letterTo(u.Email)
	return signin.SignUp{User: u, External: w.external("", subject), At: w.clock, Welcome: &letter}
}

// wantNobody: the sign-up has left nothing.
func (w *world) wantNobody(up signin.SignUp) {
	w.Helper()
	_, err := w.who.User(w.ctx, up.User.ID)
	w.want(fault.NotFound, err)
	wantEqual(w, "accounts", w.count(`SELECT count(*) FROM accounts WHERE id = $1`, string(up.User.Account)), 0)
	wantEqual(w, "letters", w.lettersTo(up.User.Email), 0)
}

func signUp(w *world) {
	up := w.signUpOf("carl")
	w.must(w.signin.SignUp(w.ctx, up))
	u, err := w.who.ExternalUser(w.ctx, up.External, w.now())
	w.must(err)
	wantEqual(w, "user", u, up.User)
	wantEqual(w, "letters", w.lettersTo(up.User.Email), 1)
	wantEqual(w, "memberships", w.count(`SELECT count(*) FROM memberships WHERE user_id = $1 AND account_id = $2 AND role = 'owner'`,
		string(u.ID), string(u.Account)), 1)

	// The identity is somebody's: nothing happens, not to an invitation either.
	again := w.signUpOf("carla")
	again.External = up.External
	again.Invited = "carla@example.com"
	w.newInvitation(again.Invited, false)
	before := w.lettersTo(again.User.Email)
	w.want(fault.IDConflict, w.signin.SignUp(w.ctx, again))
	_, err = w.who.User(w.ctx, again.User.ID)
	w.want(fault.NotFound, err)
	wantEqual(w, "letters", w.lettersTo(again.User.Email), before)
	_, err = w.signin.Invitation(w.ctx, again.Invited, w.clock)
	w.must(err)

	uninvited := w.signUpOf("eve")
	uninvited.Invited = "eve@example.com"
	w.want(fault.Forbidden, w.signin.SignUp(w.ctx, uninvited))
	w.wantNobody(uninvited)
	broken := w.signUpOf("frank")
	broken.User.Locale = "\x00"
	w.want(fault.TextInvalid, w.signin.SignUp(w.ctx, broken))
	w.wantNobody(broken)

	// The owner's link: no identity, no letter, and a server admin.
	owner := signin.SignUp{User: w.signUpOf("owner").User, At: w.clock}
	owner.User.ServerAdmin = true
	w.must(w.signin.SignUp(w.ctx, owner))
	all, err := w.who.ExternalsOf(w.ctx, owner.User.ID)
	w.must(err)
	wantEqual(w, "identities", len(all), 0)
	is, err := w.who.HasServerAdmin(w.ctx)
	w.must(err)
	wantEqual(w, "server admin", is, true)

	for _, admin := range []bool{true, false} {
		up := w.signUpOf(fmt.Sprint("admin", admin))
		up.Invited, up.User.ServerAdmin = up.User.Email, !admin // the invitation decides
		w.newInvitation(up.Invited, admin)
		w.must(w.signin.SignUp(w.ctx, up))
		u, err := w.who.User(w.ctx, up.User.ID)
		w.must(err)
		wantEqual(w, "server admin", u.ServerAdmin, admin)
	}
}

// raceSignUp: an invitation lets one in, and an identity becomes one user's.
func raceSignUp(w *world) {
	const many = 6
	for n := range rounds {
		ups := make([]signin.SignUp, many)
		for i := range ups {
			ups[i] = w.signUpOf(fmt.Sprint(n, "-", i))
			ups[i].User.Email = fmt.Sprint(n, "@example.com")
			letter := letterTo(ups[i].User.Email)
			ups[i].Welcome = &letter
			if n%2 == 0 {
				ups[i].Invited = ups[i].User.Email
			} else {
				ups[i].External = ups[0].External
			}
		}
		if n%2 == 0 {
			w.must(w.signin.Invite(w.ctx, signin.Invitation{Mailbox: ups[0].Invited, CreatedAt: w.now()}, nil))
		}
		var won atomic.Int64
		together(many, func(i int) {
			err := w.signin.SignUp(w.ctx, ups[i])
			switch {
			case err == nil:
				won.Add(1)
			case !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.IDConflict):
				w.Errorf("sign up: %v", err)
			}
		})
		wantEqual(w, "won", won.Load(), 1)
		wantEqual(w, "letters", w.lettersTo(ups[0].User.Email), 1)
		wantEqual(w, "users", w.count(`SELECT count(*) FROM users WHERE email = $1`, ups[0].User.Email), 1)
	}
}

func invitations(w *world) {
	i := w.newInvitation("gina@example.com", true)
	wantEqual(w, "letters", w.lettersTo(i.Mailbox), 1)
	got, err := w.signin.Invitation(w.ctx, i.Mailbox, w.clock)
	w.must(err)
	wantEqual(w, "invitation", got, i)
	_, err = w.signin.Invitation(w.ctx, i.Mailbox, i.ExpiresAt)
	w.want(fault.NotFound, err)
	_, err = w.signin.Invitation(w.ctx, "hans@example.com", w.clock)
	w.want(fault.NotFound, err)

	// Another one takes its place, also when it has been used.
	up := w.signUpOf("gina")
	up.Invited = i.Mailbox
	w.must(w.signin.SignUp(w.ctx, up))
	_, err = w.signin.Invitation(w.ctx, i.Mailbox, w.clock)
	w.want(fault.NotFound, err)
	forever := signin.Invitation{Mailbox: "hans@example.com", By: "operator", CreatedAt: w.now()}
	w.must(w.signin.Invite(w.ctx, forever, nil))
	wantEqual(w, "letters", w.lettersTo(forever.Mailbox), 0)
	i.UsedAt = up.At
	w.wantInvitations(forever, i)
	i = w.newInvitation(i.Mailbox, false)
	w.wantInvitations(i, forever)
	got, err = w.signin.Invitation(w.ctx, forever.Mailbox, w.clock.AddDate(100, 0, 0))
	w.must(err)
	wantEqual(w, "invitation", got, forever)

	w.must(w.signin.Uninvite(w.ctx, forever.Mailbox))
	w.want(fault.NotFound, w.signin.Uninvite(w.ctx, forever.Mailbox))
	w.wantInvitations(i)
}

func (w *world) wantInvitations(want ...signin.Invitation) {
	w.Helper()
	all, err := w.signin.Invitations(w.ctx)
	w.must(err)
	wantEqual(w, "invitations", len(all), len(want))
	for n := range all {
		wantEqual(w, "invitation", all[n], want[n])
	}
}
