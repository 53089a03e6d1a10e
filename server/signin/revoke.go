package signin

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Revoke signs out: it ends the session of an access or refresh token, also of
// one that has expired or was exchanged (RFC 7009). A token that is not known is
// as good as revoked, and no error; nor is a session that has ended, and no other
// is touched. One that was given to another client is Unauthenticated, and a
// personal access token Invalid with SubjectTokenType: it is nobody's session.
func (g *Grants) Revoke(ctx context.Context, client, token string, from identity.Seen) error {
	if err := g.checkClient(client); err != nil {
		return err
	}
	if strings.HasPrefix(token, string(identity.PersonalToken)) {
		return errTokenType
	}
	if !identity.AccessToken.Plausible(token) && !identity.RefreshToken.Plausible(token) {
		return nil
	}
	s, err := g.Store.SessionOf(ctx, identity.Hash(token))
	switch {
	case fault.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case s.Client != client:
		return errOtherClient
	}
	return g.end(ctx, s, from)
}

// end ends a session, and what it has open.
func (g *Grants) end(ctx context.Context, s identity.Session, from identity.Seen) error {
	now := g.Now()
	if !s.Live(now) {
		return nil
	}
	if err := g.Sessions.RevokeSession(ctx, s.User, s.ID, now); err != nil {
		return err
	}
	g.Ended(s.ID)
	g.record(ctx, identity.Event{What: identity.SignedOut, User: s.User, By: string(s.User), Session: s.ID,
		Address: clean(from).Address, Detail: describe(s)})
	return nil
}

// SubjectTokenType is the Subject of the fault that refuses to revoke what is no
// session's token.
const SubjectTokenType = "token_type"

var (
	errOtherClient = fault.New(fault.Unauthenticated, "That token was given to another client.")
	errTokenType   = &fault.Error{Kind: fault.Invalid, Subject: SubjectTokenType,
		Message: "That is a personal access token. Revoke it where the list of your tokens is."}
)
