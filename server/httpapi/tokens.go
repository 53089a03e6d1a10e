package httpapi

import (
	"context"
	"slices"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Lifetimes of personal access tokens: what one has that is asked for without an
// end, and the longest. Only the operator makes tokens that never end.
const (
	usualToken   = 90 * 24 * time.Hour
	longestToken = 366 * 24 * time.Hour
)

// mostTokensOfOne is how many tokens of one user may live at a time. A few more may
// come to be where several are made at once, which does no harm.
const mostTokensOfOne = 100

func (a *API) listTokens(ctx context.Context, who caller, _ *none) (wire.TokenList, error) {
	return a.tokensOf(ctx, who.User)
}

func (a *API) tokensOf(ctx context.Context, user identity.UserID) (wire.TokenList, error) {
	all, err := a.Tokens.Tokens(ctx, user)
	if err != nil {
		return wire.TokenList{}, err
	}
	list := wire.TokenList{Tokens: make([]wire.Token, len(all))}
	for i := range all {
		list.Tokens[i] = tokenOut(&all[i])
	}
	return list, nil
}

func tokenOut(t *identity.Token) wire.Token {
	return wire.Token{ID: t.ID, Name: t.Name, Scope: t.Scopes.String(), CreatedAt: t.CreatedAt.UTC(),
		ExpiresAt: timeOrNull(t.ExpiresAt), RevokedAt: timeOrNull(t.RevokedAt), UsedAt: timeOrNull(t.UsedAt)}
}

func timeOrNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

type newTokenIn struct{ Body wire.NewToken }

// createToken makes a token for the caller, which may be what the caller may and
// no more: a script that holds one with the scope account cannot get itself
// another of a scope that it lacks, or that outlives its own.
func (a *API) createToken(ctx context.Context, who caller, in *newTokenIn) (wire.Token, error) {
	if who.Local {
		return wire.Token{}, fault.New(fault.Forbidden, "A local server takes no tokens: it serves whoever owns its socket.")
	}
	t, err := a.tokenIn(&in.Body)
	if err != nil {
		return wire.Token{}, err
	}
	if !who.May(t.Scopes) {
		return wire.Token{}, &fault.Error{Kind: fault.Forbidden, Subject: "scope",
			Message: "What you are signed in with has the scope " + who.Scopes.String() + ", and a token made with it can have no other."}
	}
	if t.ExpiresAt, err = a.tokenEnd(ctx, who, t.ExpiresAt); err != nil {
		return wire.Token{}, err
	}
	if err := a.roomForToken(ctx, who.User); err != nil {
		return wire.Token{}, err
	}
	t.User = who.User
	return a.addToken(ctx, t, identity.Event{By: string(who.User), Address: who.address})
}

// roomForToken refuses a user who has as many tokens as one may have.
func (a *API) roomForToken(ctx context.Context, user identity.UserID) error {
	all, err := a.Tokens.Tokens(ctx, user)
	if err != nil {
		return err
	}
	live, now := 0, a.Now()
	for i := range all {
		if t := &all[i]; t.RevokedAt.IsZero() && (t.ExpiresAt.IsZero() || t.ExpiresAt.After(now)) {
			live++
		}
	}
	if live >= mostTokensOfOne {
		return fault.New(fault.Forbidden, "You have %d tokens that still work, which is the most there may be: revoke one first.", live)
	}
	return nil
}

// tokenEnd is when a token ends that the caller makes: when it asks for, or the
// usual time from now. One that is made with a token ends with it at the latest:
// whoever finds a token that is good for a day must not be able to make a year of
// it.
func (a *API) tokenEnd(ctx context.Context, who caller, asked time.Time) (time.Time, error) {
	now := a.Now()
	end, usual := now.Add(longestToken), now.Add(usualToken)
	if !who.inPerson {
		own, err := a.tokenOf(ctx, who)
		if err != nil {
			return end, err
		}
		if !own.ExpiresAt.IsZero() && own.ExpiresAt.Before(end) {
			end = own.ExpiresAt
		}
	}
	switch {
	case asked.IsZero() && usual.Before(end):
		return usual, nil
	case asked.IsZero():
		return end, nil
	case asked.After(now.Add(longestToken)):
		return end, invalid("expires_at", "A token lives for a year at most; make another one then.")
	case asked.After(end):
		return end, invalid("expires_at", "A token that is made with another one ends when that one does at the latest.")
	}
	return asked, nil
}

// tokenOf is the personal access token that the caller has shown.
func (a *API) tokenOf(ctx context.Context, who caller) (identity.Token, error) {
	all, err := a.Tokens.Tokens(ctx, who.User)
	if err != nil {
		return identity.Token{}, err
	}
	i := slices.IndexFunc(all, func(t identity.Token) bool { return t.ID == who.Session })
	if i < 0 {
		return identity.Token{}, errEnded // it was deleted since it was shown
	}
	return all[i], nil
}

// tokenIn checks what is asked for. No end is a zero ExpiresAt.
func (a *API) tokenIn(asked *wire.NewToken) (identity.Token, error) {
	if err := conversation.CheckID("id", asked.ID); err != nil {
		return identity.Token{}, err
	}
	name, err := identity.CleanName(asked.Name)
	if err != nil {
		return identity.Token{}, err
	}
	if asked.Scope == "" {
		asked.Scope = wire.ScopeChat
	}
	scopes, err := identity.ParseScopes(asked.Scope)
	if err != nil {
		return identity.Token{}, err
	}
	t := identity.Token{ID: asked.ID, Name: name, Scopes: scopes}
	if asked.ExpiresAt != nil {
		if t.ExpiresAt = *asked.ExpiresAt; !t.ExpiresAt.After(a.Now()) {
			return identity.Token{}, invalid("expires_at", "expires_at is in the past.")
		}
	}
	if scopes == 0 {
		return identity.Token{}, invalid("scope", "A token needs a scope.")
	}
	return t, nil
}

// addToken makes the token's text, which is in this answer and nowhere else: a
// repetition cannot be answered, and is refused.
func (a *API) addToken(ctx context.Context, t identity.Token, e identity.Event) (wire.Token, error) {
	text := identity.PersonalToken.New()
	t.Hash, t.CreatedAt = identity.Hash(text), a.Now()
	err := a.Tokens.AddToken(ctx, t)
	if fault.Is(err, fault.IDConflict) {
		return wire.Token{}, &fault.Error{Kind: fault.IDConflict, Subject: "id", Cause: err,
			Message: "There is a token of that id, and its text was shown when it was made. If it is lost, revoke the token and make another."}
	}
	if err != nil {
		return wire.Token{}, err
	}
	e.What, e.User, e.Session = identity.TokenCreated, t.User, t.ID
	e.Detail = "A token with the scope " + t.Scopes.String() + "."
	a.record(ctx, e)
	out := tokenOut(&t)
	out.Token = text
	return out, nil
}

func (a *API) revokeToken(ctx context.Context, who caller, in *one) error {
	return a.endToken(ctx, who.User, in.ID, identity.Event{By: string(who.User), Address: who.address})
}

// endToken ends a token and what is open by it.
func (a *API) endToken(ctx context.Context, user identity.UserID, id string, e identity.Event) error {
	if err := conversation.CheckID("id", id); err != nil {
		return err
	}
	if err := a.Tokens.RevokeToken(ctx, user, id, a.Now()); err != nil {
		return err
	}
	a.holders.end(id)
	e.What, e.User, e.Session = identity.TokenRevoked, user, id
	a.record(ctx, e)
	return nil
}
