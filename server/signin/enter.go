package signin

import (
	"context"
	"errors"
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
	person = person.fit()
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
func (p *Pages) userOf(ctx context.Context, v Visit, way string, person Person) (id identity.UserID, isNew bool, err error) {
	user, err := p.Externals.ExternalUser(ctx, person.External, p.Now())
	if !fault.Is(err, fault.NotFound) {
		return user.ID, false, err
	}
	if user, err = p.signUp(ctx, person, way); err == nil {
		p.record(ctx, identity.Event{What: identity.SignedUp, User: user.ID, Address: v.Seen.Address, Detail: user.Email + ", with " + way + "."})
		return user.ID, true, nil
	}
	// The same person may have been quicker in another tab.
	if user, again := p.Externals.ExternalUser(ctx, person.External, p.Now()); again == nil {
		return user.ID, false, nil
	}
	if no, ok := errors.AsType[*refusal](err); ok {
		err = p.refused(ctx, v, no.fault, no.detail+" With "+way+".")
	}
	return "", false, err
}

// refusal is why somebody may not sign up: for them, and for the operator.
type refusal struct {
	fault  error
	detail string
}

func (r *refusal) Error() string { return r.detail }

// signUp makes a user of an identity, if the policy or an invitation lets it. It
// returns a refusal or a fault.
func (p *Pages) signUp(ctx context.Context, person Person, way string) (identity.User, error) {
	mailbox := person.Email
	if mailbox == "" || !person.EmailVerified {
		return identity.User{}, &refusal{
			fault.New(fault.Forbidden, "%s has not confirmed an e-mail address of yours, and you need one to sign up. Confirm it there, then try again.", way),
			"A stranger without a verified address."}
	}
	invitation, err := p.invitation(ctx, mailbox)
	if err != nil {
		return identity.User{}, err
	}
	if invitation.Mailbox == "" && !p.Policy.admits(mailbox) {
		return identity.User{}, &refusal{p.Policy.refusal(mailbox), mailbox + " may not sign up."}
	}
	if err := p.unknown(ctx, mailbox); err != nil {
		return identity.User{}, err
	}
	return p.makeUser(ctx, person, mailbox, invitation)
}

// makeUser is the transaction of signUp.
func (p *Pages) makeUser(ctx context.Context, person Person, mailbox string, invitation Invitation) (identity.User, error) {
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
	if fault.Is(err, fault.Forbidden) {
		return user, &refusal{p.Policy.refusal(mailbox), mailbox + "'s invitation was used or taken back meanwhile."}
	}
	return user, err
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
		return &refusal{
			fault.New(fault.Forbidden, "There is an account with the address %s already, which signs in another way. Sign in that way; then you can add this one on your account page.", mailbox),
			mailbox + " is a user's already, who signed up in another way."}
	}
	return err
}

// nameOf is what a new user is called until they say otherwise.
func nameOf(person Person, mailbox string) string {
	if person.Name != "" {
		return person.Name
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
