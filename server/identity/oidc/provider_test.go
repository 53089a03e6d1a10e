package oidc_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/identity/oidc"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

func TestWhoItIs(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	got, err := i.login(i.provider(), nil)
	if err != nil {
		t.Fatal(err)
	}
	want := signin.Person{
		External: identity.External{Issuer: i.url, Subject: "248289761001", Email: "ada@example.com", EmailVerified: true},
		Name:     "Ada Lovelace", AvatarURL: "https://img.example.com/ada.png", Locale: "en-GB",
	}
	if got != want {
		t.Errorf("it is %+v, want %+v", got, want)
	}
	if i.calls("/userinfo") != 0 {
		t.Error("userinfo was asked although the ID token says it all")
	}
}

// Each of these is an answer that somebody may have forged.
func TestForgedAnswers(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(i *issuer, claims map[string]any){
		"another issuer":       func(_ *issuer, c map[string]any) { c["iss"] = "https://evil.example.com" },
		"no issuer":            func(_ *issuer, c map[string]any) { delete(c, "iss") },
		"another audience":     func(_ *issuer, c map[string]any) { c["aud"] = "another-client" },
		"no audience":          func(_ *issuer, c map[string]any) { delete(c, "aud") },
		"expired":              func(_ *issuer, c map[string]any) { c["exp"] = now.Add(-time.Second).Unix() },
		"no expiry":            func(_ *issuer, c map[string]any) { delete(c, "exp") },
		"not valid yet":        func(_ *issuer, c map[string]any) { c["nbf"] = now.Add(time.Hour).Unix() },
		"a swapped nonce":      func(_ *issuer, c map[string]any) { c["nonce"] = "of-another-login" },
		"no nonce":             func(_ *issuer, c map[string]any) { delete(c, "nonce") },
		"no subject":           func(_ *issuer, c map[string]any) { delete(c, "sub") },
		"an endless subject":   func(_ *issuer, c map[string]any) { c["sub"] = strings.Repeat("x", 256) },
		"meant for another":    func(_ *issuer, c map[string]any) { c["aud"], c["azp"] = []string{clientID, "b"}, "b" },
		"meant for several":    func(_ *issuer, c map[string]any) { c["aud"] = []string{clientID, "b"} },
		"no signature at all":  func(i *issuer, _ map[string]any) { i.sign = unsigned },
		"an empty signature":   func(i *issuer, _ map[string]any) { i.sign = i.cut(func(parts []string) { parts[2] = "" }) },
		"other claims":         func(i *issuer, _ map[string]any) { i.sign = i.cut(swapClaims) },
		"an unknown key":       func(i *issuer, _ map[string]any) { i.sign = i.with(jose.RS256, "k2", otherKey()) },
		"a key of another":     func(i *issuer, _ map[string]any) { i.sign = i.with(jose.RS256, "k1", otherKey()) },
		"HS256, public key":    func(i *issuer, _ map[string]any) { i.sign = i.with(jose.HS256, "k1", publicPEM()) },
		"HS256, client secret": func(i *issuer, _ map[string]any) { i.sign = i.with(jose.HS256, "k1", []byte(secret+secret)) },
		"no ID token":          func(i *issuer, _ map[string]any) { i.sign = func(map[string]any) string { return "" } },
		"no JWT":               func(i *issuer, _ map[string]any) { i.sign = func(map[string]any) string { return "a.b" } },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			got, err := i.login(i.provider(), func(claims map[string]any) { forge(i, claims) })
			if !fault.Is(err, fault.Unauthenticated) || got != (signin.Person{}) {
				t.Errorf("it is accepted: %+v, %v", got, err)
			}
		})
	}
}

func (i *issuer) with(alg jose.SignatureAlgorithm, kid string, key any) func(map[string]any) string {
	return func(claims map[string]any) string { return i.signed(alg, kid, key, claims) }
}

// cut changes a token that was right.
func (i *issuer) cut(change func(parts []string)) func(map[string]any) string {
	return func(claims map[string]any) string {
		parts := strings.Split(i.signed(jose.RS256, "k1", rsaKey(), claims), ".")
		change(parts)
		return strings.Join(parts, ".")
	}
}

func swapClaims(parts []string) {
	b, _ := base64.RawURLEncoding.DecodeString(parts[1])
	parts[1] = base64.RawURLEncoding.EncodeToString([]byte(strings.Replace(string(b), "248289761001", "1", 1)))
}

func unsigned(claims map[string]any) string {
	payload, _ := json.Marshal(claims)
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + base64.RawURLEncoding.EncodeToString(payload) + "."
}

func publicPEM() []byte {
	der, _ := x509.MarshalPKIXPublicKey(rsaKey().Public())
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
}

// The code is worth nothing without the verifier of the login that asked for it,
// and a refused code is not tried again.
func TestPKCE(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider()
	where, err := p.Begin(t.Context(), redirect, login, "the-state")
	if err != nil {
		t.Fatal(err)
	}
	code := i.authorize(where, nil)
	other := login
	other.Verifier = strings.Repeat("x", 43)
	if _, err := p.Finish(t.Context(), redirect, other, code); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("another verifier: %v", err)
	}
	if n := i.tokenCalls.Load(); n != 1 {
		t.Errorf("the code was shown %d times", n)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name     string
		claims   map[string]any // nil value: left out
		userinfo map[string]any
		email    string
		verified bool
	}{
		{"in the ID token", nil, nil, "ada@example.com", true},
		{"not verified", map[string]any{"email_verified": false}, nil, "ada@example.com", false},
		{"nothing said of it", map[string]any{"email_verified": nil}, nil, "ada@example.com", false},
		{"verified, as text", map[string]any{"email_verified": "true"}, nil, "ada@example.com", true},
		{"not verified, as text", map[string]any{"email_verified": "false"}, nil, "ada@example.com", false},
		{"nonsense", map[string]any{"email_verified": 1}, nil, "ada@example.com", false},
		{"in userinfo", map[string]any{"email": nil, "email_verified": nil},
			map[string]any{"sub": "248289761001", "email": "ada@example.org", "email_verified": true}, "ada@example.org", true},
		{"in userinfo, not verified, though the token says so of none", map[string]any{"email": nil},
			map[string]any{"sub": "248289761001", "email": "ada@example.org"}, "ada@example.org", false},
		{"userinfo of another", map[string]any{"email": nil},
			map[string]any{"sub": "666", "email": "eve@example.org", "email_verified": true}, "", false},
		{"userinfo that fails", map[string]any{"email": nil}, nil, "", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			i.userinfo = tc.userinfo
			got, err := i.login(i.provider(), func(claims map[string]any) {
				for k, v := range tc.claims {
					claims[k] = v
					if v == nil {
						delete(claims, k)
					}
				}
			})
			if err != nil || got.Email != tc.email || got.EmailVerified != tc.verified {
				t.Errorf("the address is %q, verified %v (%v); want %q, %v", got.Email, got.EmailVerified, err, tc.email, tc.verified)
			}
		})
	}
}

func TestAProviderThatIsAway(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	var away sync.Mutex
	down := true
	i.handle = func(w http.ResponseWriter, _ *http.Request) bool {
		away.Lock()
		defer away.Unlock()
		if down {
			w.WriteHeader(http.StatusBadGateway)
		}
		return down
	}
	at := now
	p := i.provider(func(o *oidc.Options) { o.Now = func() time.Time { return at } })
	for range 3 {
		if _, err := p.Begin(t.Context(), redirect, login, "the-state"); !fault.Is(err, fault.Unavailable) {
			t.Fatalf("away: %v", err)
		}
	}
	if n := i.calls("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("it was asked %d times at once", n)
	}
	away.Lock()
	down = false
	away.Unlock()
	at = at.Add(6 * time.Second)
	if _, err := i.login(p, nil); err != nil {
		t.Fatalf("back again: %v", err)
	}

	// Once found, it serves on while it is away.
	away.Lock()
	down = true
	away.Unlock()
	at = at.Add(24 * time.Hour)
	if _, err := p.Begin(t.Context(), redirect, login, "the-state"); err != nil {
		t.Errorf("away again: %v", err)
	}
}

func TestOneAsksForAll(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := p.Begin(t.Context(), redirect, login, "the-state"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := i.calls("/.well-known/openid-configuration"); n != 1 {
		t.Errorf("it was asked %d times", n)
	}
}

func TestDiscoveryThatLies(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]map[string]any{
		"another issuer":       {"issuer": "https://evil.example.com"},
		"a token endpoint":     {"token_endpoint": "http://evil.example.com/token"},
		"an entrance":          {"authorization_endpoint": "javascript:alert(1)"},
		"a set of keys":        {"jwks_uri": "http://evil.example.com/keys"},
		"no set of keys":       {"jwks_uri": ""},
		"a name in the issuer": {"token_endpoint": "https://user:pass@example.com/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newIssuer(t)
			i.discovery = doc
			if _, err := i.provider().Begin(t.Context(), redirect, login, "the-state"); !fault.Is(err, fault.Unavailable) {
				t.Errorf("it is believed: %v", err)
			}
		})
	}
}

// With nothing but weak algorithms announced, RS256 is what a token must have.
func TestWeakAlgorithmsAreNeverAllowed(t *testing.T) {
	t.Parallel()
	for _, announced := range [][]string{{"none"}, {"HS256"}, {"none", "HS256", "HS512"}, {}} {
		i := newIssuer(t)
		i.discovery = map[string]any{"id_token_signing_alg_values_supported": announced}
		if _, err := i.login(i.provider(), func(map[string]any) { i.sign = i.with(jose.HS256, "k1", publicPEM()) }); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("announced %v: HS256 with the public key: %v", announced, err)
		}
		if _, err := i.login(i.provider(), func(map[string]any) { i.sign = unsigned }); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("announced %v: none: %v", announced, err)
		}
	}
}

func TestKeysThatChange(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	p := i.provider()
	if _, err := i.login(p, nil); err != nil {
		t.Fatal(err)
	}
	i.keys = []jose.JSONWebKey{{Key: otherKey().Public(), KeyID: "k2", Algorithm: "RS256", Use: "sig"}}
	i.sign = i.with(jose.RS256, "k2", otherKey())
	if _, err := i.login(p, nil); err != nil {
		t.Errorf("a new key: %v", err)
	}
}

// Neither the client's secret nor the code goes to another host, however kindly
// the provider asks.
func TestRedirectsElsewhereAreNotFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{302, 303, 307, 308} {
		for _, path := range []string{"/token", "/.well-known/openid-configuration", "/keys", "/userinfo"} {
			t.Run(fmt.Sprint(status, path), func(t *testing.T) {
				t.Parallel()
				thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s reached another host", r.URL) }))
				t.Cleanup(thief.Close)
				i := newIssuer(t)
				i.handle = func(w http.ResponseWriter, r *http.Request) bool {
					if r.URL.Path == path {
						http.Redirect(w, r, thief.URL, status)
					}
					return r.URL.Path == path
				}
				got, err := i.login(i.provider(), func(claims map[string]any) {
					if path == "/userinfo" {
						delete(claims, "email")
					}
				})
				if path == "/userinfo" && (err != nil || got.Email != "") || path != "/userinfo" && err == nil {
					t.Errorf("it ends as %+v, %v", got, err)
				}
			})
		}
	}
}

func TestEndlessAnswers(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/token", "/.well-known/openid-configuration", "/keys"} {
		i := newIssuer(t)
		i.handle = func(w http.ResponseWriter, r *http.Request) bool {
			if r.URL.Path != path {
				return false
			}
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"x":"`))
			for range 64 {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					break
				}
			}
			return true
		}
		if _, err := i.login(i.provider(), nil); err == nil {
			t.Errorf("%s: four megabytes are believed", path)
		}
	}
}

func TestAWrongSecret(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	_, err := i.login(i.provider(func(o *oidc.Options) { o.ClientSecret = vault.NewSecret("wrong") }), nil)
	if !fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Public(), "not set up correctly") {
		t.Errorf("it says: %v", err)
	}
	if n := i.tokenCalls.Load(); n != 1 {
		t.Errorf("it was tried %d times", n)
	}
}

// What goes to the log has no secret in it.
func TestCausesHoldNoSecrets(t *testing.T) {
	t.Parallel()
	i := newIssuer(t)
	i.handle = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path == "/token" {
			refuse(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "your secret is " + secret, "echo": r.FormValue("code")})
		}
		return r.URL.Path == "/token"
	}
	_, err := i.login(i.provider(), nil)
	if err == nil || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "the-code") || strings.Contains(err.Error(), login.Verifier) {
		t.Errorf("the log would say: %v", err)
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []oidc.Options{
		{}, {Name: "a", ClientID: "b"}, {Name: "a", Issuer: "https://a.example"}, {ClientID: "b", Issuer: "https://a.example"},
		{Name: "a", ClientID: "b", Issuer: "http://a.example"}, {Name: "a", ClientID: "b", Issuer: "ftp://a.example"},
		{Name: "a", ClientID: "b", Issuer: "https://user:pass@a.example"}, {Name: "a", ClientID: "b", Issuer: "http://localhost.evil.example"},
	} {
		if _, err := oidc.New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", o, err)
		}
	}
}
