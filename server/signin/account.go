package signin

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// Account is what somebody who is signed in sees of themselves.
type Account struct {
	User       identity.User
	Identities []identity.External // oldest first
}

// Account finds the user of a browser; NotFound if the user is gone.
func (p *Pages) Account(ctx context.Context, v Visit) (Account, error) {
	user, err := p.Users.User(ctx, v.User)
	if err != nil {
		return Account{}, err
	}
	identities, err := p.Externals.ExternalsOf(ctx, v.User)
	return Account{User: user, Identities: identities}, err
}

// Unlink takes an identity away from the browser's user. The last one stays:
// Invalid.
func (p *Pages) Unlink(ctx context.Context, v Visit, issuer, subject string) error {
	if err := p.Externals.Unlink(ctx, v.User, issuer, subject); err != nil {
		return err
	}
	p.record(ctx, identity.Event{What: identity.IdentityRemoved, User: v.User, Address: v.Seen.Address, Detail: "From " + issuer + "."})
	return nil
}

// LetIn writes to the user that a program was let in, so that one who did not
// mean to learns of it. It is called when Grants.Decide has approved it.
func (p *Pages) LetIn(ctx context.Context, id identity.UserID, d Device) error {
	if p.Letters == nil || !p.Email {
		return nil
	}
	user, err := p.Users.User(ctx, id)
	if err != nil || user.Email == "" {
		return err
	}
	return p.Letters.Queue(ctx, mail.NewSession{
		To: user.Email, Locale: user.Locale, Server: p.URL,
		Device: d.Name, Version: d.Version, Address: d.Address, At: p.Now(),
	}.Letter())
}
