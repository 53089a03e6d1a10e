package httpapi

import (
	"context"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
)

func (a *API) listSessions(ctx context.Context, who caller, _ *none) (wire.SessionList, error) {
	all, err := a.Sessions.Sessions(ctx, who.User, a.Now())
	if err != nil {
		return wire.SessionList{}, err
	}
	list := wire.SessionList{Sessions: make([]wire.Session, len(all))}
	for i := range all {
		list.Sessions[i] = sessionOut(&all[i], who)
	}
	return list, nil
}

// sessionOut is a session as its owner sees it. It ends at the earlier of its
// two ends.
func sessionOut(s *identity.Session, who caller) wire.Session {
	ends := s.ExpiresAt
	if s.IdleUntil.Before(ends) {
		ends = s.IdleUntil
	}
	return wire.Session{
		ID: s.ID, Client: s.Client, Device: s.Device, Version: s.Version, Address: s.Address, Scope: s.Scopes.String(),
		CreatedAt: s.CreatedAt.UTC(), SeenAt: s.SeenAt.UTC(), ExpiresAt: ends.UTC(), Current: s.ID == who.Session,
	}
}

// revokeSession signs a program out, and ends what it has open.
func (a *API) revokeSession(ctx context.Context, who caller, in *one) error {
	if err := conversation.CheckID("id", in.ID); err != nil {
		return err
	}
	if err := a.Sessions.RevokeSession(ctx, who.User, in.ID, a.Now()); err != nil {
		return err
	}
	a.sessionsEnded(ctx, who, in.ID)
	return nil
}

type revokeSessionsIn struct {
	All bool `query:"all" doc:"Also the session that asks."`
}

// revokeSessions signs out everywhere: every program, and every browser. Tokens
// are for programs without a person, and stay.
func (a *API) revokeSessions(ctx context.Context, who caller, in *revokeSessionsIn) error {
	keep := ""
	if who.inPerson && !in.All {
		keep = who.Session
	}
	// Browsers first: they could let a program in while the others are ended.
	if err := a.Browsers.RemoveBrowsers(ctx, who.User); err != nil {
		return err
	}
	ids, err := a.Sessions.RevokeSessions(ctx, who.User, keep, a.Now())
	if err != nil {
		return err
	}
	a.sessionsEnded(ctx, who, ids...)
	return nil
}

func (a *API) sessionsEnded(ctx context.Context, who caller, ids ...string) {
	a.holders.end(ids...)
	for _, id := range ids {
		a.record(ctx, identity.Event{What: identity.SessionRevoked, User: who.User, By: string(who.User), Session: id, Address: who.address})
	}
}
