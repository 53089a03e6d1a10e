package signin_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// TestRevoke: every token of a session ends it, whatever has become of the token.
func TestRevoke(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		bystander := w.signIn()
		for name, shown := range map[string]func(first, second signin.Grant) string{
			"access":            func(_, second signin.Grant) string { return second.AccessToken },
			"refresh":           func(_, second signin.Grant) string { return second.RefreshToken },
			"exchanged refresh": func(first, _ signin.Grant) string { return first.RefreshToken },
			"earlier access":    func(first, _ signin.Grant) string { return first.AccessToken },
			"expired access": func(first, _ signin.Grant) string {
				w.pass(time.Hour)
				return first.AccessToken
			},
		} {
			w.ended = nil
			first := w.signIn()
			second := w.mustRefresh(first.RefreshToken)
			before := w.happened(identity.SignedOut)
			token := shown(first, second)
			w.must(w.grants.Revoke(w.ctx, client, token, identity.Seen{}))
			w.must(w.grants.Revoke(w.ctx, client, token, identity.Seen{})) // again is nothing
			w.wantEnded(first.Session)
			if n := w.happened(identity.SignedOut) - before; n != 1 {
				w.Errorf("%s: told of %d times", name, n)
			}
			w.wantOut(second.AccessToken)
			_, err := w.refresh(second.RefreshToken)
			w.want(fault.Unauthenticated, err)
		}
		w.wantIn(w.mustRefresh(bystander.RefreshToken))
	})
}

func TestRevokeUnknown(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		for _, token := range []string{"", "x", identity.AccessToken.New(), identity.RefreshToken.New(), identity.DeviceCode.New(), g.AccessToken + "a"} {
			w.must(w.grants.Revoke(w.ctx, client, token, identity.Seen{}))
		}
		w.wantSubject(signin.SubjectTokenType, w.grants.Revoke(w.ctx, client, identity.PersonalToken.New(), identity.Seen{}))
		w.wantEnded()
		w.wantIn(g)
	})
}

// newToken makes a personal access token.
func (w *world) newToken(expires time.Time) (identity.Token, string) {
	w.Helper()
	text := identity.PersonalToken.New()
	tok := identity.Token{ID: uuid.NewString(), User: w.user, Name: "ci", Scopes: identity.ScopeRead,
		Hash: identity.Hash(text), CreatedAt: w.now(), ExpiresAt: expires}
	w.must(w.db.Identities().AddToken(w.ctx, tok))
	return tok, text
}

func TestAuthenticate(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		g := w.signIn()
		tok, text := w.newToken(w.now().Add(time.Hour))
		p, err := w.authenticate(text)
		w.must(err)
		if p.User != w.user || p.Session != tok.ID || p.Scopes != identity.ScopeRead {
			w.Errorf("a token acts as %+v", p)
		}
		for _, bearer := range []string{"", "x", g.RefreshToken, identity.AccessToken.New(), identity.PersonalToken.New(),
			g.AccessToken + "a", g.AccessToken[:len(g.AccessToken)-1], text + " ", " " + text, text + "\x00", "Bearer " + text} {
			w.wantOut(bearer)
		}
		w.pass(time.Hour)
		w.wantOut(text)
		revoked, text := w.newToken(time.Time{})
		w.must(w.db.Identities().RevokeToken(w.ctx, w.user, revoked.ID, w.now()))
		w.wantOut(text)
	})
}

// TestRefusalsLookTheSame: what is wrong with a token is nobody's business.
func TestRefusalsLookTheSame(t *testing.T) {
	t.Parallel()
	onBoth(t, func(w *world) {
		expired, ended := w.signIn(), w.signIn()
		revoked, text := w.newToken(time.Time{})
		w.pass(time.Hour)
		w.must(w.db.Identities().RevokeToken(w.ctx, w.user, revoked.ID, w.now()))
		w.must(w.grants.Revoke(w.ctx, client, ended.AccessToken, identity.Seen{}))
		_, unknown := w.authenticate("x")
		for _, bearer := range []string{expired.AccessToken, ended.AccessToken, text, identity.AccessToken.New(), identity.PersonalToken.New()} {
			if _, err := w.authenticate(bearer); err == nil || fault.Of(err).Public() != fault.Of(unknown).Public() {
				w.Errorf("got %v, want %v", err, unknown)
			}
		}
		_, unknown = w.refresh("x")
		for _, token := range []string{ended.RefreshToken, identity.RefreshToken.New()} {
			if _, err := w.refresh(token); err == nil || fault.Of(err).Public() != fault.Of(unknown).Public() {
				w.Errorf("got %v, want %v", err, unknown)
			}
		}
	})
}
