package server_test

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server"
)

func TestSignInConfig(t *testing.T) {
	t.Parallel()
	usual := func(change func(*server.Config)) server.Config {
		c := server.Config{Listen: "127.0.0.1:8080", LogFormat: "text", Patience: 1}
		change(&c)
		return c
	}
	provider := func(name string, p server.SignInConfig) func(*server.Config) {
		return func(c *server.Config) { c.SignIn = map[string]server.SignInConfig{name: p} }
	}
	secret := setting.NewSecret("s3cret")
	for name, tc := range map[string]struct {
		change func(*server.Config)
		says   string // "": nothing is wrong
	}{
		"nothing":            {func(*server.Config) {}, ""},
		"Google":             {provider("google", server.SignInConfig{ClientID: "c", ClientSecret: secret}), ""},
		"Google by its kind": {provider("work", server.SignInConfig{Kind: "google", ClientID: "c", ClientSecret: secret}), ""},
		"GitHub":             {provider("github", server.SignInConfig{ClientID: "c", ClientSecret: secret}), ""},
		"any issuer":         {provider("corp", server.SignInConfig{Kind: "oidc", Issuer: "https://id.example.com", ClientID: "c"}), ""},
		"no issuer":          {provider("corp", server.SignInConfig{Kind: "oidc", ClientID: "c"}), "signin.corp"},
		"an issuer in clear": {provider("corp", server.SignInConfig{Kind: "oidc", Issuer: "http://id.example.com", ClientID: "c"}), "signin.corp"},
		"no client id":       {provider("google", server.SignInConfig{}), "client_id"},
		"no kind":            {provider("corp", server.SignInConfig{ClientID: "c"}), "kind"},
		"a name for no path": {provider("my corp", server.SignInConfig{Kind: "google", ClientID: "c"}), "small letters"},
		"the name of e-mail": {provider("email", server.SignInConfig{Kind: "google", ClientID: "c"}), "email"},
		"open":               {func(c *server.Config) { c.SignUp = "open" }, ""},
		"domains": {func(c *server.Config) {
			c.SignUp, c.SignUpDomains = "domains", []string{"Example.com", "@bücher.example"}
		}, ""},
		"no domains":          {func(c *server.Config) { c.SignUp = "domains" }, "signup_domains"},
		"a domain of none":    {func(c *server.Config) { c.SignUp, c.SignUpDomains = "domains", []string{"com"} }, "signup_domains"},
		"another rule":        {func(c *server.Config) { c.SignUp = "all" }, "signup:"},
		"an address":          {func(c *server.Config) { c.URL = "https://chat.example.com/" }, ""},
		"an address below":    {func(c *server.Config) { c.URL = "https://example.com/chat" }, "url:"},
		"no scheme":           {func(c *server.Config) { c.URL = "chat.example.com" }, "url:"},
		"another scheme":      {func(c *server.Config) { c.URL = "ftp://chat.example.com" }, "url:"},
		"with a password":     {func(c *server.Config) { c.URL = "https://a:b@chat.example.com" }, "url:"},
		"proxies":             {func(c *server.Config) { c.TrustedProxies = []string{"10.0.0.0/8", "::1"} }, ""},
		"no proxies":          {func(c *server.Config) { c.TrustedProxies = []string{"nginx"} }, "trusted_proxies"},
		"a negative lifetime": {func(c *server.Config) { c.AccessLifetime = -1 }, "access_lifetime"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := usual(tc.change)
			err := c.Check()
			if (err == nil) != (tc.says == "") || err != nil && (!strings.Contains(err.Error(), tc.says) || strings.Contains(err.Error(), "s3cret")) {
				t.Errorf("%v, want %q", err, tc.says)
			}
		})
	}
}

// Credentials do not travel in the clear by accident.
func TestPublicURL(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ url, listen, want string }{
		{"", "127.0.0.1:8080", "http://127.0.0.1:8080"},
		{"", "[::1]:8080", "http://[::1]:8080"},
		{"", "localhost:8080", "http://localhost:8080"},
		{"", ":8080", ""},
		{"", "0.0.0.0:8080", ""},
		{"", "192.0.2.1:8080", ""},
		{"https://chat.example.com/", "0.0.0.0:8080", "https://chat.example.com"},
		{"http://chat.lan", "0.0.0.0:80", "http://chat.lan"},
		{"HTTPS://Chat.Example.com", "0.0.0.0:8080", "https://chat.example.com"}, // or the cookie would not be a secure one
	} {
		c := server.Config{URL: tc.url, Listen: tc.listen}
		if got := c.PublicURL(); got != tc.want {
			t.Errorf("%+v: %q", tc, got)
		}
	}
}
