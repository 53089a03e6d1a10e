package web_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"

	"github.com/aichat-term/aichat/server/identity/oidc"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

// oneProvider is held by the test that has the example provider: its library keeps
// endpoints and clients in variables of its own.
var oneProvider sync.Mutex

// withProvider adds an OpenID Connect provider that is not of our making: the
// example that comes with zitadel's library, in this process. Its user is
// test-user@localhost, whose password is "verysecure".
func withProvider(t *testing.T) func(string, *signin.PageOptions) {
	return func(url string, o *signin.PageOptions) {
		t.Helper()
		oneProvider.Lock()
		t.Cleanup(oneProvider.Unlock)
		server := httptest.NewUnstartedServer(nil)
		issuer := "http://" + server.Listener.Addr().String()
		users := storage.NewUserStore("http://localhost:1")
		clients := map[string]*storage.Client{"aichat": storage.WebClient("aichat", "secret", url+"/signin/example/callback")}
		server.Config.Handler = exampleop.SetupServer(issuer, storage.NewStorageWithClients(users, clients), slog.New(slog.DiscardHandler), false)
		server.Start()
		t.Cleanup(server.Close)
		provider, err := oidc.New(oidc.Options{
			Name: "example", Title: "Example", Issuer: issuer, ClientID: "aichat", ClientSecret: vault.NewSecret("secret"),
			Transport: http.DefaultTransport, Logger: o.Logger,
		})
		if err != nil {
			t.Fatal(err)
		}
		o.Providers = append(o.Providers, provider)
	}
}
