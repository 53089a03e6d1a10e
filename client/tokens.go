package client

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Tokens are what a server gave to a program that it signed in: a session's pair
// of tokens, or a personal access token alone. The zero Tokens are nobody's. They
// print as a word; only encoding them shows them.
type Tokens struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token,omitempty"` // empty: Access is a personal access token
	Session string `json:"session_id,omitempty"`
	Scope   string `json:"scope,omitempty"`

	// Received and Lives (seconds; 0: for ever) say how long Access is good for,
	// by this machine's clock alone.
	Received time.Time `json:"received_at"`
	Lives    int64     `json:"expires_in,omitempty"`

	// Endpoints are where Refresh is exchanged and revoked.
	Endpoints Endpoints `json:"endpoints"`
}

// Empty reports whether there are none.
func (t Tokens) Empty() bool { return t.Access == "" && t.Refresh == "" }

// Format implements fmt.Formatter, so that no verb reaches a token.
func (t Tokens) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[tokens]") }

// LogValue implements slog.LogValuer.
func (t Tokens) LogValue() slog.Value { return slog.StringValue("[tokens]") }

// spare is how long before its end an access token is exchanged: long enough for
// the request that carries it to arrive.
const spare = time.Minute

// due reports whether Access is better exchanged before it is used. A clock that
// was set back cannot tell: then the server will.
func (t Tokens) due(now time.Time) bool {
	if t.Refresh == "" || t.Lives <= 0 {
		return false
	}
	life := time.Duration(t.Lives) * time.Second
	return now.Sub(t.Received) >= life-min(spare, life/4)
}

// over reports whether Access has certainly ended.
func (t Tokens) over(now time.Time) bool {
	return t.Refresh != "" && t.Lives > 0 && now.Sub(t.Received) >= time.Duration(t.Lives)*time.Second
}

// Refresh exchanges a refresh token for the tokens that follow it. One that does
// not hold any more is an *OAuthError with wire.OAuthInvalidGrant.
func (a *Authority) Refresh(ctx context.Context, t Tokens) (Tokens, error) {
	form := url.Values{"grant_type": {wire.GrantRefresh}, "refresh_token": {t.Refresh}}
	next, err := a.grant(ctx, form)
	if err != nil {
		return Tokens{}, err
	}
	if next.Refresh == "" {
		next.Refresh = t.Refresh // RFC 6749, section 6: the old one stays good
	}
	if next.Session == "" {
		next.Session = t.Session
	}
	if next.Scope == "" {
		next.Scope = t.Scope
	}
	return next, nil
}

// Revoke ends a session by its refresh token. One that has ended already is no
// error (RFC 7009, section 2.2).
func (a *Authority) Revoke(ctx context.Context, t Tokens) error {
	if a.endpoints.Revocation == "" {
		return &ProtocolError{URL: a.base.String(), Reason: "names no address to sign out at"}
	}
	form := url.Values{"token": {t.Refresh}, "token_type_hint": {wire.GrantRefresh}}
	return a.post(ctx, a.endpoints.Revocation, form, nil)
}

// grant asks the token endpoint.
func (a *Authority) grant(ctx context.Context, form url.Values) (Tokens, error) {
	var g wire.TokenGrant
	if err := a.post(ctx, a.endpoints.Token, form, &g); err != nil {
		return Tokens{}, err
	}
	if g.AccessToken == "" {
		return Tokens{}, &ProtocolError{URL: a.endpoints.Token, Reason: "answered without a token"}
	}
	return Tokens{
		Access: g.AccessToken, Refresh: g.RefreshToken, Session: g.Session, Scope: g.Scope,
		Received: time.Now(), Lives: g.ExpiresIn, Endpoints: a.endpoints,
	}, nil
}
