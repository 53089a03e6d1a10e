package signin

import (
	"context"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Authenticate implements identity.Authenticator. It asks the store each time,
// by the token's hash: what was revoked anywhere is refused from then on, and
// how long it takes says nothing of any token.
func (g *Grants) Authenticate(ctx context.Context, bearer string, from identity.Seen) (identity.Principal, error) {
	switch {
	case identity.AccessToken.Plausible(bearer):
		return g.bySession(ctx, bearer, from)
	case identity.PersonalToken.Plausible(bearer):
		return g.byToken(ctx, bearer)
	}
	return identity.Principal{}, errBearer
}

func (g *Grants) bySession(ctx context.Context, access string, from identity.Seen) (identity.Principal, error) {
	now := g.Now()
	s, p, err := g.Sessions.SessionByAccess(ctx, identity.Hash(access), now)
	if err != nil {
		return identity.Principal{}, refusedAs(err, errBearer)
	}
	g.seen.note(ctx, s.ID, s.SeenAt, now, func(ctx context.Context) error {
		return g.Sessions.SessionSeen(ctx, s.ID, clean(from), now)
	})
	return p, nil
}

func (g *Grants) byToken(ctx context.Context, text string) (identity.Principal, error) {
	now := g.Now()
	t, p, err := g.Tokens.TokenByHash(ctx, identity.Hash(text), now)
	if err != nil {
		return identity.Principal{}, refusedAs(err, errBearer)
	}
	g.seen.note(ctx, t.ID, t.UsedAt, now, func(ctx context.Context) error {
		return g.Tokens.TokenSeen(ctx, t.ID, now)
	})
	return p, nil
}

// errBearer is constant: unknown, expired and revoked look the same.
var errBearer = fault.New(fault.Unauthenticated, "Please sign in: that token is not good, has expired or was revoked.")

// refusedAs puts a refusal in the place of the store's.
func refusedAs(err error, refusal *fault.Error) error {
	if fault.Is(err, fault.Unauthenticated) {
		return refusal
	}
	return err
}
