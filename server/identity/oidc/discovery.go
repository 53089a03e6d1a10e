package oidc

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/aichat-term/aichat/server/identity/remote"
)

// found is what a provider says of itself (OpenID Connect Discovery 1.0).
type found struct {
	provider *oidc.Provider
	verifier *oidc.IDTokenVerifier // keeps the keys, and asks for those it does not know
	style    oauth2.AuthStyle
	at       time.Time
}

// discovery is found when it is first asked for.
type discovery struct {
	turn     chan struct{} // of one place: a lock that can be given up waiting for
	last     *found        // nil: not yet
	err      error         // of the last attempt
	failedAt time.Time
}

// How long what was found is taken for true, and how long a failure is: those
// who come while a provider is away need not each wait for it.
const (
	foundFor  = 6 * time.Hour
	failedFor = 5 * time.Second
)

// discover finds the provider, or knows it already. One looks, the others wait
// for it. What was found before serves on while the provider is away.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	d := &p.found
	select {
	case d.turn <- struct{}{}:
		defer func() { <-d.turn }()
	case <-ctx.Done():
		return nil, remote.Away(p.o.Title, ctx.Err())
	}
	now := p.o.Now()
	switch {
	case d.last != nil && now.Sub(d.last.at) < foundFor:
		return d.last, nil
	case d.err != nil && now.Sub(d.failedAt) < failedFor:
		return d.settle(d.err)
	}
	// Whoever closes the page must not spoil it for those who wait.
	at, err := p.look(context.WithoutCancel(ctx))
	if err != nil {
		d.err, d.failedAt = remote.Away(p.o.Title, err), now
		return d.settle(d.err)
	}
	d.last, d.err = at, nil
	return at, nil
}

// settle prefers what was found before to an error.
func (d *discovery) settle(err error) (*found, error) {
	if d.last != nil {
		return d.last, nil
	}
	return nil, err
}

// look asks the provider.
func (p *Provider) look(ctx context.Context) (*found, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, p.client), p.o.Issuer)
	if err != nil {
		return nil, err
	}
	var more struct {
		Keys        string   `json:"jwks_uri"`
		AuthMethods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := provider.Claims(&more); err != nil {
		return nil, err
	}
	for what, url := range map[string]string{
		"authorization_endpoint": provider.Endpoint().AuthURL,
		"token_endpoint":         provider.Endpoint().TokenURL,
		"jwks_uri":               more.Keys,
	} {
		if !remote.Guarded(url) {
			return nil, fmt.Errorf("the %s is no https URL", what)
		}
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: p.o.ClientID, Now: p.o.Now})
	return &found{provider: provider, verifier: verifier, style: authStyle(more.AuthMethods), at: p.o.Now()}, nil
}

// authStyle is how the client shows its secret; with nothing said, in the
// header (Discovery, section 3). It is never found out by trying: a second try
// burns the code.
func authStyle(methods []string) oauth2.AuthStyle {
	if len(methods) == 0 || slices.Contains(methods, "client_secret_basic") {
		return oauth2.AuthStyleInHeader
	}
	return oauth2.AuthStyleInParams
}
