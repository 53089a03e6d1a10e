package oidc

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity/remote"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

// Google is Google's issuer.
const Google = "https://accounts.google.com"

// Options say which provider it is. Name, Issuer and ClientID must be set.
type Options struct {
	Name  string // as in the callback's path
	Title string // empty: the Name

	// Issuer is the provider's, exactly as it says it itself: a slash at the end
	// makes it another. It is https, or http on this machine.
	Issuer string

	ClientID     string
	ClientSecret vault.Secret // empty: a public client, which PKCE alone protects

	Transport http.RoundTripper // nil: http.DefaultTransport
	Now       func() time.Time  // nil: time.Now
	Logger    *slog.Logger      // nil: discard
}

// Provider is one OpenID Connect provider. It is found at its first use, and
// asked again if it was away: a server starts without its identity providers.
type Provider struct {
	o      Options
	client *http.Client
	found  discovery
}

var _ signin.Provider = (*Provider)(nil)

// New makes a Provider without asking it. Options that cannot work are Invalid.
func New(o Options) (*Provider, error) {
	if o.Name == "" || o.ClientID == "" {
		return nil, fault.New(fault.Invalid, "An OpenID Connect provider needs a name and a client_id.")
	}
	if !remote.Guarded(o.Issuer) {
		return nil, fault.New(fault.Invalid, "The issuer of %s must be an https URL (or http on this machine).", o.Name)
	}
	o.Title = cmp.Or(o.Title, o.Name)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Provider{o: o, client: remote.Client(o.Transport), found: discovery{turn: make(chan struct{}, 1)}}, nil
}

// Name is the operator's name for it.
func (p *Provider) Name() string { return p.o.Name }

// Title is what people call it.
func (p *Provider) Title() string { return p.o.Title }

// Begin returns the URL to send the browser to.
func (p *Provider) Begin(ctx context.Context, redirect string, l signin.Login, state string) (string, error) {
	at, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	return p.config(at, redirect).AuthCodeURL(state, oidc.Nonce(l.Nonce), oauth2.S256ChallengeOption(l.Verifier)), nil
}

// Finish exchanges the code and returns who it is.
func (p *Provider) Finish(ctx context.Context, redirect string, l signin.Login, code string) (signin.Person, error) {
	at, err := p.discover(ctx)
	if err != nil {
		return signin.Person{}, err
	}
	ctx = oidc.ClientContext(ctx, p.client)
	token, err := p.config(at, redirect).Exchange(ctx, code, oauth2.VerifierOption(l.Verifier))
	if err != nil {
		return signin.Person{}, remote.Exchange(p.o.Title, err)
	}
	said, err := p.verify(ctx, at, token, l.Nonce)
	if err != nil {
		return signin.Person{}, err
	}
	if said.Email == "" {
		said = p.ask(ctx, at, token, said)
	}
	return said.person(p.o.Issuer), nil
}

func (p *Provider) config(at *found, redirect string) *oauth2.Config {
	endpoint := at.provider.Endpoint()
	endpoint.AuthStyle = at.style
	if p.o.ClientSecret.Empty() {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: p.o.ClientSecret.Reveal(),
		Endpoint: endpoint, RedirectURL: redirect,
		Scopes: []string{oidc.ScopeOpenID, oidc.ScopeProfile, oidc.ScopeEmail},
	}
}

// verify checks the ID token (OpenID Connect Core, section 3.1.3.7). Which
// algorithms may sign comes from discovery, and never from the token: none and
// the HS family, whose key would be a public one, are not among them.
func (p *Provider) verify(ctx context.Context, at *found, token *oauth2.Token, nonce string) (claims, error) {
	raw, _ := token.Extra("id_token").(string)
	if raw == "" {
		return claims{}, remote.Refused(p.o.Title, errors.New("no ID token"))
	}
	id, err := at.verifier.Verify(ctx, raw)
	if err != nil {
		return claims{}, remote.Refused(p.o.Title, err)
	}
	var said claims
	if err := id.Claims(&said); err != nil {
		return claims{}, remote.Refused(p.o.Title, err)
	}
	switch {
	case nonce == "" || subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1:
		err = errors.New("another nonce")
	case id.Subject == "" || len(id.Subject) > 255:
		err = fmt.Errorf("a subject of %d bytes", len(id.Subject))
	case said.AuthorizedParty != "" && said.AuthorizedParty != p.o.ClientID,
		said.AuthorizedParty == "" && len(id.Audience) > 1:
		err = errors.New("another authorized party")
	}
	if err != nil {
		return claims{}, remote.Refused(p.o.Title, err)
	}
	return said, nil
}

// ask asks the userinfo endpoint for what the ID token leaves out. What it says
// counts only if it is about the same subject (Core, section 5.3.2). Who it is
// was proven without it, so that it is away leaves them without an address.
func (p *Provider) ask(ctx context.Context, at *found, token *oauth2.Token, said claims) claims {
	if !remote.Guarded(at.provider.UserInfoEndpoint()) {
		return said // there is none, or none that a token may be sent to
	}
	info, err := at.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	var more claims
	if err == nil && info.Subject != said.Subject {
		err = errors.New("about another subject")
	}
	if err == nil {
		err = info.Claims(&more)
	}
	if err != nil {
		p.o.Logger.LogAttrs(ctx, slog.LevelWarn, "userinfo endpoint failed", slog.String("provider", p.o.Name), slog.Any("error", err))
		return said
	}
	return said.filled(more)
}
