package oauth

import (
	"context"
	"net/url"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// The parameters of forms, as the RFCs name them.
const (
	fieldClient     = "client_id"
	fieldScope      = "scope"
	fieldGrantType  = "grant_type"
	fieldDeviceCode = "device_code"
	fieldRefresh    = "refresh_token"
	fieldToken      = "token"
)

// deviceCode begins a device flow.
//
// Whoever makes a person open the complete link signs a program of their own in
// as that person (RFC 8628, section 5.4; BCP 247). So the link alone approves
// nothing, the code lives for minutes, and an address may not ask for many.
func (d *Door) deviceCode(ctx context.Context, a asked) (any, error) {
	if err := a.form.missing(fieldClient); err != nil {
		return nil, err
	}
	scopes, err := identity.ParseScopes(a.form[fieldScope])
	if err != nil {
		return nil, err
	}
	wait := d.devices.Take(visitor.Network(a.from.Address))
	if wait == 0 {
		wait = d.around.Take(visitor.Site(a.from.Address))
	}
	if wait > 0 {
		return nil, tooMany(wire.OAuthUnavailable, wait, "Too many sign-ins were begun from this address. Try again in a moment.")
	}
	codes, err := d.grants.BeginDevice(ctx, signin.DeviceRequest{
		Client: a.form[fieldClient], Scopes: scopes,
		Name: a.form[wire.FieldDeviceName], Version: a.from.Client, Address: a.from.Address,
	})
	if err != nil {
		return nil, err
	}
	page := d.url + wire.PathDevicePage
	return wire.DeviceCode{
		DeviceCode: codes.DeviceCode, UserCode: codes.UserCode.Shown(), VerificationURI: page,
		VerificationURIComplete: page + "?" + url.Values{"user_code": {codes.UserCode.Shown()}}.Encode(),
		ExpiresIn:               int64(codes.ExpiresIn.Seconds()), Interval: seconds(codes.Interval),
	}, nil
}

// token exchanges a device code or a refresh token for a pair of tokens.
func (d *Door) token(ctx context.Context, a asked) (any, error) {
	if err := a.form.missing(fieldGrantType, fieldClient); err != nil {
		return nil, err
	}
	switch a.form[fieldGrantType] {
	case wire.GrantDeviceCode:
		// To a program that polls, which may be one of many behind the address,
		// this is no end: it asks again, later.
		return d.guarded(ctx, a, fieldDeviceCode, wire.OAuthSlowDown, d.poll)
	case wire.GrantRefresh:
		return d.guarded(ctx, a, fieldRefresh, wire.OAuthUnavailable, d.refresh)
	}
	return nil, errGrantType
}

// guarded answers what is asked with the credential in a field, unless the
// address has shown too many lately that are no good; then it refuses in the
// word that is given. What was no good once never will be, so a program that
// shows it for ever is told so without asking anybody, and counts once: it must
// not keep out whoever else is behind its address.
func (d *Door) guarded(ctx context.Context, a asked, field, word string, answer func(context.Context, asked) (any, error)) (any, error) {
	if err := a.form.missing(field); err != nil {
		return nil, err
	}
	credential := string(identity.Hash(field + " " + a.form[fieldClient] + " " + a.form[field]))
	if d.refused.Wait(credential) > 0 {
		return nil, errRefused
	}
	network := visitor.Network(a.from.Address)
	if wait := d.unknown.Wait(network); wait > 0 {
		return nil, tooMany(word, wait, "Too many codes and tokens from this address were no good. Try again in a moment.")
	}
	body, err := answer(ctx, a)
	if fault.Is(err, fault.Unauthenticated) {
		d.refused.Count(credential)
		d.unknown.Count(network)
	}
	return body, err
}

// poll asks whether a program was let in. One that does not keep to any interval
// is told to slow down without asking anybody: each poll is a write, and whoever
// has a code could keep the database busy with it.
func (d *Door) poll(ctx context.Context, a asked) (any, error) {
	code := string(identity.Hash(a.form[fieldDeviceCode]))
	if wait := d.hasty.Wait(code); wait > 0 {
		return nil, tooMany(wire.OAuthSlowDown, wait, "That was too soon, again and again. Keep to the interval.")
	}
	answer, err := d.grants.Poll(ctx, a.form[fieldClient], a.form[fieldDeviceCode], a.from)
	if err != nil {
		return nil, err
	}
	switch answer.Standing {
	case signin.LetIn:
		return grant(answer.Grant), nil
	case signin.SlowDown:
		d.hasty.Count(code)
		return nil, errSlowDown(answer.Interval)
	case signin.TurnedDown:
		return nil, errTurnedDown
	case signin.TimedOut:
		return nil, errTimedOut
	case signin.Waiting:
	}
	return nil, errWaiting
}

func (d *Door) refresh(ctx context.Context, a asked) (any, error) {
	scopes, err := identity.ParseScopes(a.form[fieldScope])
	if err != nil {
		return nil, err
	}
	g, err := d.grants.Refresh(ctx, signin.Refreshing{
		Client: a.form[fieldClient], Token: a.form[fieldRefresh], Scopes: scopes, From: a.from,
	})
	if err != nil {
		return nil, err
	}
	return grant(g), nil
}

// revoke signs out. A token's kind can be seen from its prefix, so that
// token_type_hint says nothing new.
func (d *Door) revoke(ctx context.Context, a asked) (any, error) {
	if err := a.form.missing(fieldToken, fieldClient); err != nil {
		return nil, err
	}
	return nil, d.grants.Revoke(ctx, a.form[fieldClient], a.form[fieldToken], a.from)
}

// grant is a session's tokens on the wire. The access token's life is rounded
// down: nobody should use it longer than it lives.
func grant(g signin.Grant) wire.TokenGrant {
	return wire.TokenGrant{
		AccessToken: g.AccessToken, TokenType: "Bearer", ExpiresIn: int64(g.ExpiresIn.Seconds()),
		RefreshToken: g.RefreshToken, Scope: g.Scopes.String(), Session: g.Session,
	}
}
