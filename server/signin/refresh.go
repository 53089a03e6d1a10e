package signin

import (
	"context"
	"crypto/rand"
	"log/slog"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Refreshing shows a refresh token.
type Refreshing struct {
	Client string
	Token  string
	Scopes identity.Scopes // none: the session's; others must be among the session's
	From   identity.Seen
}

// saltBytes is the chance in a rotation's salt.
const saltBytes = 20

// Refresh exchanges a refresh token for the next pair (RFC 6749, section 6; RFC
// 9700, section 4.14.2). Whoever shows it again within the grace, because the
// answer was lost or two processes share it, is given the same pair. Shown later
// it must have been stolen, by whoever used it first or by whoever shows it now:
// its session ends, and no other. All refusals are Unauthenticated and look the
// same; a scope that the session has not is Invalid.
//
// A grant has all scopes of its session, whatever was asked for.
func (g *Grants) Refresh(ctx context.Context, r Refreshing) (Grant, error) {
	if err := g.checkClient(r.Client); err != nil {
		return Grant{}, err
	}
	s, err := g.refreshable(ctx, r)
	if err != nil {
		return Grant{}, err
	}
	now := g.Now()
	rotated, err := g.Store.Rotate(ctx, Rotation{
		Hash: identity.Hash(r.Token), Now: now, Salt: newSalt(), Grace: g.Grace,
		Successor:       func(salt []byte) (refresh, access []byte) { return hashesAfter(r.Token, salt) },
		AccessExpiresAt: g.accessUntil(s, now), IdleUntil: now.Add(g.IdleLifetime), Seen: clean(r.From),
	})
	if err != nil {
		return Grant{}, err
	}
	switch rotated.Outcome {
	case Fresh, Retried:
		refresh, access := successor(r.Token, rotated.Salt)
		return grantOf(rotated.Session, access, refresh, rotated.AccessExpiresAt.Sub(now)), nil
	case Reused:
		g.reused(ctx, rotated.Session, r.From)
	case Unknown:
	}
	return Grant{}, errRefreshToken
}

// refreshable finds the session of a refresh token, before anything is changed
// for it: one that was given to another client, or asks for more, stays as it
// was.
func (g *Grants) refreshable(ctx context.Context, r Refreshing) (identity.Session, error) {
	if !identity.RefreshToken.Plausible(r.Token) {
		return identity.Session{}, errRefreshToken
	}
	s, err := g.Store.SessionOf(ctx, identity.Hash(r.Token))
	if err != nil {
		return s, unknownAs(err, errRefreshToken)
	}
	if s.Client != r.Client {
		return s, errRefreshToken
	}
	if !s.Scopes.Has(r.Scopes) {
		return s, &fault.Error{Kind: fault.Invalid, Subject: SubjectScope,
			Message: "The session does not have that scope. Sign in again to get it."}
	}
	return s, nil
}

// SubjectScope is the Subject of faults about a scope.
const SubjectScope = "scope"

// reused tells of a session that has just been ended for a token that was shown
// twice.
func (g *Grants) reused(ctx context.Context, s identity.Session, from identity.Seen) {
	g.Ended(s.ID)
	g.Logger.LogAttrs(ctx, slog.LevelWarn, "refresh token shown twice: session ended",
		slog.String("session", s.ID), slog.String("user", string(s.User)))
	g.record(ctx, identity.Event{What: identity.RefreshReused, User: s.User, By: "server", Session: s.ID,
		Address: clean(from).Address, Detail: describe(s) + " An old refresh token was shown again, so the session was ended."})
}

// successor derives the pair that follows a refresh token under a salt.
func successor(token string, salt []byte) (refresh, access string) {
	return identity.RefreshToken.Derived(token, salt), identity.AccessToken.Derived(token, salt)
}

func hashesAfter(token string, salt []byte) (refresh, access []byte) {
	r, a := successor(token, salt)
	return identity.Hash(r), identity.Hash(a)
}

func newSalt() []byte {
	salt := make([]byte, saltBytes)
	_, _ = rand.Read(salt) // crypto/rand.Read never fails
	return salt
}

// clean makes somebody's own words fit to be stored.
func clean(s identity.Seen) identity.Seen {
	return identity.Seen{Address: oneLine(s.Address), Client: oneLine(s.Client)}
}

// errRefreshToken is constant: it must not tell why.
var errRefreshToken = fault.New(fault.Unauthenticated, "The session has ended, or that refresh token is not good. Please sign in again.")
