package signin

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// Entered is what came of a sign-in.
type Entered struct {
	// Visit is the browser from now on. Its cookie is Fresh, unless Linked.
	Visit

	Return string // path on our own site to go on to
	New    bool   // somebody has signed up
	Linked bool   // one who was signed in has another identity now
}

// enter lets a person in whom a provider, or the mail, has vouched for. way is
// what people call it.
func (p *Pages) enter(ctx context.Context, v Visit, way string, person Person, next string) (Entered, error) {
	if v.SignedIn() {
		return p.link(ctx, v, way, person, next)
	}
	user, isNew, err := p.userOf(ctx, v, way, person)
	if err != nil {
		return Entered{}, err
	}
	e, err := p.enterAs(ctx, v, user, "With "+way+".", next)
	e.New = isNew
	return e, err
}

// enterAs signs the browser in as a user and records it.
func (p *Pages) enterAs(ctx context.Context, v Visit, user identity.UserID, detail, next string) (Entered, error) {
	signed, err := p.signIn(ctx, v, user)
	if err != nil {
		return Entered{}, err
	}
	p.record(ctx, identity.Event{What: identity.SignedIn, User: user, Address: v.Seen.Address, Detail: detail})
	return Entered{Visit: signed, Return: next}, nil
}

// userOf finds the user of an identity, or makes one of it. Issuer and subject
// alone say whose it is: never the address.
func (p *Pages) userOf(ctx context.Context, v Visit, way string, person Person) (identity.UserID, bool, error) {
	user, err := p.Externals.ExternalUser(ctx, person.External, p.Now())
	if err == nil {
		return user.ID, false, nil
	}
	if !fault.Is(err, fault.NotFound) {
		return "", false, err
	}
	user, err = p.signUp(ctx, v, way, person)
	if fault.Is(err, fault.IDConflict) {
		// The same person was quicker in another tab.
		user, err = p.Externals.ExternalUser(ctx, person.External, p.Now())
		return user.ID, false, err
	}
	return user.ID, true, err
}

// signUp makes a user of an identity, if the policy or an invitation lets it.
func (p *Pages) signUp(ctx context.Context, v Visit, way string, person Person) (identity.User, error) {
	mailbox, err := mail.Address(person.Email)
	if err != nil || !person.EmailVerified {
		return identity.User{}, p.refused(ctx, v,
			fault.New(fault.Forbidden, "%s has not confirmed an e-mail address of yours, and you need one to sign up. Confirm it there, then try again.", way),
			"A stranger without a verified address, with "+way+".")
	}
	invitation, err := p.invitation(ctx, mailbox)
	if err != nil {
		return identity.User{}, err
	}
	if invitation.Mailbox == "" && !p.Policy.admits(mailbox) {
		return identity.User{}, p.refused(ctx, v, p.Policy.refusal(mailbox), mailbox+" may not sign up; with "+way+".")
	}
	if err := p.unknown(ctx, mailbox); err != nil {
		return identity.User{}, p.refused(ctx, v, err, mailbox+" is a user's already, who signed up in another way than "+way+".")
	}
	return p.makeUser(ctx, v, way, person, mailbox, invitation)
}

// makeUser is the transaction of signUp, and its record.
func (p *Pages) makeUser(ctx context.Context, v Visit, way string, person Person, mailbox string, invitation Invitation) (identity.User, error) {
	now := p.Now()
	user := identity.User{
		ID: identity.UserID(newID()), Account: identity.AccountID(newID()), CreatedAt: now,
		Name: nameOf(person, mailbox), Email: mailbox,
		AvatarURL: person.AvatarURL, Locale: person.Locale,
		ServerAdmin: invitation.Admin,
	}
	person.User, person.CreatedAt, person.UsedAt = user.ID, now, now
	s := SignUp{User: user, External: person.External, Invited: invitation.Mailbox, At: now}
	if p.Email {
		letter := mail.Welcome{To: mailbox, Locale: user.Locale, Server: p.URL, Name: user.Name}.Letter()
		s.Welcome = &letter
	}
	err := p.People.SignUp(ctx, s)
	if fault.Is(err, fault.Forbidden) { // the invitation was used, or taken back, meanwhile
		return identity.User{}, p.refused(ctx, v, p.Policy.refusal(mailbox), mailbox+"'s invitation is not there any more; with "+way+".")
	}
	if err != nil {
		return identity.User{}, err
	}
	p.record(ctx, identity.Event{What: identity.SignedUp, User: user.ID, Address: v.Seen.Address, Detail: mailbox + ", with " + way + "."})
	return user, nil
}

// invitation finds a mailbox's; the zero Invitation: there is none.
func (p *Pages) invitation(ctx context.Context, mailbox string) (Invitation, error) {
	i, err := p.People.Invitation(ctx, mailbox, p.Now())
	if fault.Is(err, fault.NotFound) {
		return Invitation{}, nil
	}
	return i, err
}

// unknown refuses a second user for an address that is a user's: whoever forgot
// how they signed up would find an empty account. They have shown that the
// address is theirs, so it tells them nothing new; it joins nobody to anything.
func (p *Pages) unknown(ctx context.Context, mailbox string) error {
	user, err := p.Users.UserNamed(ctx, mailbox)
	switch {
	case fault.Is(err, fault.NotFound), err == nil && user.Email != mailbox:
		return nil
	case err == nil, fault.Is(err, fault.Invalid): // one, or several
		return fault.New(fault.Forbidden, "There is an account with the address %s already, which signs in another way. Sign in that way; then you can add this one on your account page.", mailbox)
	}
	return err
}

// nameOf is what a new user is called until they say otherwise.
func nameOf(person Person, mailbox string) string {
	if name := oneLine(person.Name); name != "" {
		return name
	}
	return mailbox[:strings.LastIndexByte(mailbox, '@')]
}

// link gives one who is signed in another identity.
func (p *Pages) link(ctx context.Context, v Visit, way string, person Person, next string) (Entered, error) {
	e := person.External
	e.User, e.CreatedAt, e.UsedAt = v.User, p.Now(), p.Now()
	err := p.Externals.Link(ctx, e)
	if fault.Is(err, fault.IDConflict) {
		return Entered{}, p.refused(ctx, v,
			fault.New(fault.IDConflict, "That identity belongs to another account on this server, so it was not added to yours. To use that account, sign out first."),
			"Linking an identity of another user, with "+way+".")
	}
	if err != nil {
		return Entered{}, err
	}
	p.record(ctx, identity.Event{What: identity.IdentityLinked, User: v.User, Address: v.Seen.Address, Detail: "With " + way + "."})
	return Entered{Visit: v, Return: next, Linked: true}, nil
}
