package main

import (
	"context"
	"sync"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/browser"
	"github.com/aichat-term/aichat/client/credential"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// screenLogin implements tui.Login for the server that the full screen is open
// for. What it needs of the program is made before the screen opens: lenders are
// used by one goroutine.
type screenLogin struct {
	at      remote
	kept    *credential.Store
	session *client.Session

	mu     sync.Mutex
	device *client.Device
	place  credential.Place
}

// screenLogin is how the full screen signs in; nil: the server that is meant needs
// no sign-in, or a token is used.
func (p *program) screenLogin() (*screenLogin, error) {
	t, err := p.lenders.target()
	if err != nil || t.Local || !t.Token.Empty() {
		return nil, err
	}
	at, err := p.signedInAt()
	if err != nil {
		return nil, err
	}
	kept, err := p.lenders.credentials()
	if err != nil {
		return nil, err
	}
	s, err := p.lenders.session(t)
	if err != nil {
		return nil, err
	}
	return &screenLogin{at: at, kept: kept, session: s}, nil
}

// BeginLogin implements tui.Login.
func (l *screenLogin) BeginLogin(ctx context.Context) (tui.LoginCode, error) {
	a, err := client.Discover(ctx, client.AuthorityOptions{BaseURL: l.at.url})
	if err != nil {
		return tui.LoginCode{}, screenFailure(err)
	}
	place, err := l.kept.Prove(ctx)
	if err != nil {
		return tui.LoginCode{}, screenFailure(err)
	}
	d, err := a.BeginDevice(ctx, client.DeviceRequest{Name: deviceName(), Scope: wire.ScopeChat + " " + wire.ScopeAccount})
	if err != nil {
		return tui.LoginCode{}, screenFailure(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.device, l.place = d, place
	return tui.LoginCode{URL: d.Page(), Code: d.UserCode}, nil
}

// AwaitLogin implements tui.Login.
func (l *screenLogin) AwaitLogin(ctx context.Context) error {
	l.mu.Lock()
	d, place := l.device, l.place
	l.mu.Unlock()
	tokens, err := d.Wait(ctx, nil)
	if err != nil {
		return screenFailure(err)
	}
	l.session.SignedIn(tokens)
	_, err = l.kept.SignIn(context.WithoutCancel(ctx), credential.Profile{Name: l.at.profile, URL: l.at.url, Origin: l.at.origin}, tokens, place)
	return screenFailure(err)
}

// screenFailure puts an error into words for the screen.
func screenFailure(err error) error {
	if err == nil {
		return nil
	}
	if f := failureOfSignIn(err); f != nil {
		return &tui.Failure{Code: f.code, Text: f.message, Err: err}
	}
	return &tui.Failure{Text: sentence(err.Error()), Err: err}
}

// openPage opens a page of the server's own in the person's browser; nil: there is
// none in front of them.
func (p *program) openPage(at remote) func(context.Context, string) error {
	if browser.Refused(browser.Env(p.env)) != "" {
		return nil
	}
	return func(ctx context.Context, address string) error {
		return browser.Open(ctx, browser.Env(p.env), address, at.origin)
	}
}
