package oauth_test

import (
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/signin"
)

// TestOurClient: the client's own library and this door mean the same, from the
// metadata to the words for what went wrong.
func TestOurClient(t *testing.T) {
	t.Parallel()
	p := newPeer(t, signin.GrantOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	authority, err := client.Discover(ctx, client.AuthorityOptions{BaseURL: p.url})
	must(t, err)
	t.Cleanup(authority.Close)
	begin := func() *client.Device {
		d, err := authority.BeginDevice(ctx, client.DeviceRequest{Name: "laptop", Scope: wire.ScopeChat})
		must(t, err)
		return d
	}

	denied := begin()
	p.decide(denied.UserCode, false)
	if _, err := denied.Wait(ctx, nil); client.OAuthCode(err) != wire.OAuthAccessDenied {
		t.Errorf("denied: %v", err)
	}

	d, asked := begin(), 0
	first, err := d.Wait(ctx, func(client.Poll) {
		if asked++; asked == 1 {
			p.decide(d.UserCode, true)
		}
	})
	must(t, err)
	if asked != 1 || first.Session == "" || first.Scope != wire.ScopeChat || first.Lives != 15*60 {
		t.Errorf("after %d polls: session %q, scope %q, for %d s", asked, first.Session, first.Scope, first.Lives)
	}
	second, err := authority.Refresh(ctx, first)
	must(t, err)
	again, err := authority.Refresh(ctx, first) // as after an answer that was lost
	must(t, err)
	if second.Access == first.Access || again.Access != second.Access || again.Refresh != second.Refresh {
		t.Error("a refresh that is repeated is not the same")
	}
	must(t, authority.Revoke(ctx, second))
	if _, err := authority.Refresh(ctx, second); client.OAuthCode(err) != wire.OAuthInvalidGrant {
		t.Errorf("after signing out: %v", err)
	}
}
