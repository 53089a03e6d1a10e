package oauth_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
)

// TestDeviceRequestsAreLimited: by network, with the time after which to come
// back, which is true.
func TestDeviceRequestsAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{DeviceRate: tight})
	w.from = "[2001:db8:1:2::1]:5"
	for range 3 {
		w.begin()
	}
	w.from = "[2001:db8:1:2:ffff::1]:5" // the same customer
	a := w.post(wire.PathDeviceCode, "client_id", wire.ClientID)
	w.wantError(a, 429, wire.OAuthUnavailable)
	if a.header.Get("Retry-After") != "10" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	w.from = "[2001:db8:1:3::1]:5"
	w.begin()
	w.from = "[2001:db8:1:2::1]:5"
	w.pass(10 * time.Second)
	w.begin()
	w.wantError(w.post(wire.PathDeviceCode, "client_id", wire.ClientID), 429, wire.OAuthUnavailable)
}

// TestDeviceRequestsFromManyNetworks: a customer may have 65 536 of them.
func TestDeviceRequestsFromManyNetworks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{DeviceRate: tight})
	for i := range 18 {
		w.from = fmt.Sprintf("[2001:db8:1:%x::1]:5", i)
		w.begin()
	}
	w.from = "[2001:db8:1:ffff::1]:5"
	w.wantError(w.post(wire.PathDeviceCode, "client_id", wire.ClientID), 429, wire.OAuthUnavailable)
	w.from = "[2001:db8:2::1]:5"
	w.begin()
}

// TestGuessingIsLimited: codes and tokens that are no good, by network. Those
// that are good do not count.
func TestGuessingIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{UnknownRate: tight})
	g := w.signIn()
	for range 10 {
		w.pass(time.Minute)
		w.begin()
		g = read[wire.TokenGrant](w, w.refresh(g.RefreshToken), 200)
	}
	d := w.begin()
	w.wantError(w.poll(identity.DeviceCode.New()), 400, wire.OAuthInvalidGrant)
	w.wantError(w.refresh(identity.RefreshToken.New()), 400, wire.OAuthInvalidGrant)
	w.wantError(w.poll("x"), 400, wire.OAuthInvalidGrant)

	a := w.refresh(g.RefreshToken)
	w.wantError(a, 429, wire.OAuthUnavailable)
	if a.header.Get("Retry-After") != "10" {
		t.Errorf("Retry-After %q", a.header.Get("Retry-After"))
	}
	w.wantError(w.poll(d.DeviceCode), 429, wire.OAuthSlowDown) // it goes on polling
	if a := w.revoke(identity.RefreshToken.New()); a.status != 200 {
		t.Errorf("signing out is always possible: %d", a.status)
	}
	w.from = "192.0.2.99:1"
	w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthAuthorizationPending)
	w.from = "192.0.2.1:1"
	w.pass(10 * time.Second)
	read[wire.TokenGrant](w, w.refresh(g.RefreshToken), 200)
}

// counted counts how often it is asked.
type counted struct {
	oauth.Grants
	asked atomic.Int32
}

func (c *counted) Poll(ctx context.Context, client, code string, from identity.Seen) (signin.Answer, error) {
	c.asked.Add(1)
	return c.Grants.Poll(ctx, client, code, from)
}

func (c *counted) Refresh(ctx context.Context, r signin.Refreshing) (signin.Grant, error) {
	c.asked.Add(1)
	return c.Grants.Refresh(ctx, r)
}

// TestHastyPrograms: one that polls without pause is no load either, and is let in
// when it was approved.
func TestHastyPrograms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	d := w.begin()
	grants := &counted{Grants: w.grants}
	w.door = oauth.New(oauth.Options{Grants: grants, URL: site, Now: w.now})
	w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthAuthorizationPending)
	for range 20 {
		w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthSlowDown)
	}
	asked := grants.asked.Load()
	for range 50 {
		w.wantError(w.poll(d.DeviceCode), 429, wire.OAuthSlowDown)
	}
	if n := grants.asked.Load(); n != asked {
		t.Errorf("asked %d times more", n-asked)
	}
	w.decide(d.UserCode, true)
	w.pass(5 * time.Second)
	read[wire.TokenGrant](w, w.poll(d.DeviceCode), 200)
}
