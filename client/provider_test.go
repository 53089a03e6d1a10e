package client_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
	"github.com/zitadel/oidc/v3/pkg/oidc"
	"github.com/zitadel/oidc/v3/pkg/op"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// peerStorage is the example's, whose public client may use the device flow.
type peerStorage struct{ *storage.Storage }

func (s peerStorage) GetClientByClientID(ctx context.Context, id string) (op.Client, error) {
	c, err := s.Storage.GetClientByClientID(ctx, id)
	return peerClient{c}, err
}

// CreateAccessAndRefreshTokens tells the example who asked: of a device it would
// forget that, and then know its refresh token no more.
func (s peerStorage) CreateAccessAndRefreshTokens(ctx context.Context, r op.TokenRequest, current string) (string, string, time.Time, error) {
	if d, ok := r.(*op.DeviceAuthorizationState); ok {
		r = &storage.AuthRequest{ApplicationID: d.ClientID, UserID: d.Subject, Scopes: d.Scopes}
	}
	return s.Storage.CreateAccessAndRefreshTokens(ctx, r, current)
}

type peerClient struct{ op.Client }

func (peerClient) GrantTypes() []oidc.GrantType {
	return []oidc.GrantType{oidc.GrantTypeDeviceCode, oidc.GrantTypeRefreshToken}
}

// TestDeviceAtARealProvider goes through the device flow, refresh and revocation
// with an authorization server that is not of our making: the example provider
// that comes with zitadel's library.
func TestDeviceAtARealProvider(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(nil)
	issuer := "http://" + server.Listener.Addr().String()
	kept := peerStorage{storage.NewStorageWithClients(storage.NewUserStore(issuer),
		map[string]*storage.Client{wire.ClientID: storage.NativeClient(wire.ClientID)})}
	server.Config.Handler = exampleop.SetupServer(issuer, kept, slog.New(slog.DiscardHandler), false)
	server.Start()
	defer server.Close()

	a, err := client.NewAuthority(client.AuthorityOptions{BaseURL: issuer}, openIDEndpoints(t, issuer))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	a.Skew(1000) // it says slow_down to nobody
	for _, approve := range []bool{false, true} {
		d, err := a.BeginDevice(t.Context(), client.DeviceRequest{Name: "laptop", Scope: "openid offline_access"})
		if err != nil {
			t.Fatal(err)
		}
		pending := 0
		tokens, err := d.Wait(t.Context(), func(p client.Poll) {
			if pending++; pending < 3 {
				return
			}
			if p.Lost != nil {
				t.Error(p.Lost)
			}
			if approve {
				err = kept.CompleteDeviceAuthorization(t.Context(), d.UserCode, "id1")
			} else {
				err = kept.DenyDeviceAuthorization(t.Context(), d.UserCode)
			}
			if err != nil {
				t.Error(err)
			}
		})
		if !approve {
			if client.OAuthCode(err) != wire.OAuthAccessDenied || pending != 3 {
				t.Errorf("%v after %d polls", err, pending)
			}
			continue
		}
		if err != nil || tokens.Access == "" || tokens.Refresh == "" || time.Since(tokens.Received) > time.Minute {
			t.Fatalf("%v, %v", tokens, err)
		}
		useAtProvider(t, a, tokens)
	}
}

// useAtProvider exchanges tokens, and ends what follows them.
func useAtProvider(t *testing.T, a *client.Authority, first client.Tokens) {
	t.Helper()
	next, err := a.Refresh(t.Context(), first)
	if err != nil || next.Access == first.Access || next.Refresh == first.Refresh {
		t.Fatalf("%v", err)
	}
	if _, err := a.Refresh(t.Context(), first); client.OAuthCode(err) != wire.OAuthInvalidGrant {
		t.Errorf("a token that was exchanged: %v", err)
	}
	if err := a.Revoke(t.Context(), next); err != nil {
		t.Error(err)
	}
	if _, err := a.Refresh(t.Context(), next); client.OAuthCode(err) != wire.OAuthInvalidGrant {
		t.Errorf("a token that was revoked: %v", err)
	}
}

// openIDEndpoints are a provider's, as OpenID Connect Discovery has them: its
// names are those of RFC 8414.
func openIDEndpoints(t *testing.T, issuer string) client.Endpoints {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var e client.Endpoints
	if err := json.NewDecoder(resp.Body).Decode(&e); err != nil || e.Device == "" {
		t.Fatalf("%+v, %v", e, err)
	}
	return e
}
