package signin

import (
	"context"
	"slices"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// OwnerLink makes the credential of a link that signs its bearer in as the
// server's owner, once, in the next fifteen minutes. One that was made before is
// void. by is who asked for it: "operator" or "server".
func (p *Pages) OwnerLink(ctx context.Context, by, from string) (string, OneTimeLink, error) {
	text, now := identity.OneTimeLink.New(), p.Now()
	l := OneTimeLink{Hash: identity.Hash(text), CreatedAt: now, ExpiresAt: now.Add(linkLifetime)}
	if err := p.Store.AddLink(ctx, l); err != nil {
		return "", OneTimeLink{}, err
	}
	p.record(ctx, identity.Event{What: identity.OwnerLinkMade, By: by, Address: from, Detail: "Good for fifteen minutes, once."})
	return text, l, nil
}

// HasOwner reports whether the server has an owner, whom a link signs in as.
func (p *Pages) HasOwner(ctx context.Context) (bool, error) { return p.Users.HasServerAdmin(ctx) }

// UseOwnerLink uses a link up. Where the server has an owner it signs in as that
// one, the longest-standing if there are several; otherwise it makes one of the
// name.
func (p *Pages) UseOwnerLink(ctx context.Context, v Visit, link, name string) (Entered, error) {
	known, err := p.HasOwner(ctx)
	if err != nil {
		return Entered{}, err
	}
	if name = oneLine(name); !known && name == "" {
		return Entered{}, &fault.Error{Kind: fault.Invalid, Subject: "name", Message: "Say what you want to be called."}
	}
	if err := p.claimLink(ctx, v, link); err != nil {
		return Entered{}, err
	}
	owner, err := p.ownerOrNew(ctx, v, known, name)
	if err != nil {
		return Entered{}, err
	}
	e, err := p.enterAs(ctx, v, owner, "With the owner's link.", HomePath)
	e.New = !known
	return e, err
}

// CheckOwnerLink refuses what cannot be an owner's link, such as one that was cut
// off when it was copied. It uses nothing up.
func (p *Pages) CheckOwnerLink(link string) error {
	if !identity.OneTimeLink.Plausible(link) {
		return errNoLink
	}
	return nil
}

func (p *Pages) ownerOrNew(ctx context.Context, v Visit, known bool, name string) (identity.UserID, error) {
	if !known {
		return p.makeOwner(ctx, v, name)
	}
	return p.owner(ctx)
}

// errNoLink is constant: it must not tell which of them it was.
var errNoLink = fault.New(fault.Unauthenticated,
	"This link has been used, is more than fifteen minutes old, or a newer one was made. Run aichat-server users owner on the server for another.")

func (p *Pages) claimLink(ctx context.Context, v Visit, link string) error {
	if !identity.OneTimeLink.Plausible(link) {
		return errNoLink
	}
	err := p.Store.ClaimLink(ctx, identity.Hash(link), p.Now())
	if fault.Is(err, fault.NotFound) {
		return p.refused(ctx, v, errNoLink, "An owner's link that is not good any more.")
	}
	return err
}

// owner finds the server admin who has been there longest.
func (p *Pages) owner(ctx context.Context) (identity.UserID, error) {
	users, err := p.Users.Users(ctx)
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(users, func(u identity.User) bool { return u.ServerAdmin })
	if i < 0 {
		return "", errNoLink // the owner is none any more, since a moment ago
	}
	return users[i].ID, nil
}

// makeOwner makes the first server admin, whom nobody but the operator vouches
// for.
func (p *Pages) makeOwner(ctx context.Context, v Visit, name string) (identity.UserID, error) {
	now := p.Now()
	user := identity.User{
		ID: identity.UserID(newID()), Account: identity.AccountID(newID()), CreatedAt: now,
		Name: name, ServerAdmin: true,
	}
	if err := p.People.SignUp(ctx, SignUp{User: user, At: now}); err != nil {
		return "", err
	}
	p.record(ctx, identity.Event{What: identity.SignedUp, User: user.ID, Address: v.Seen.Address, Detail: "The server's owner, with the owner's link."})
	return user.ID, nil
}
