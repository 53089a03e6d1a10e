package server

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
)

// tokensOnly lets personal access tokens in, which may do anything.
type tokensOnly struct{ store *store.Identities }

// Authenticate implements identity.Authenticator.
func (t tokensOnly) Authenticate(ctx context.Context, bearer string, _ identity.Seen) (identity.Principal, error) {
	if !identity.PersonalToken.Plausible(bearer) {
		return identity.Principal{}, fault.New(fault.Unauthenticated, "Please sign in: this server wants a bearer token.")
	}
	_, p, err := t.store.TokenByHash(ctx, identity.Hash(bearer), time.Now())
	p.Scopes = identity.AllScopes
	return p, err
}

// people finds users by their ids.
type people struct{ *store.Identities }

// User implements httpapi.Users.
func (p people) User(ctx context.Context, id identity.UserID) (identity.User, error) {
	all, err := p.Users(ctx)
	for _, u := range all {
		if u.ID == id {
			return u, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "There is no such user any more.")
	}
	return identity.User{}, err
}
