package oidc_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/aichat-term/aichat/server/identity/oidc"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

const (
	clientID = "aichat"
	secret   = "s3cret-of-the-client"
	redirect = "https://chat.example.com/signin/acme/callback"
)

// now is when the tests are.
var now = time.Date(2026, 11, 23, 14, 0, 0, 0, time.UTC)

// issuer is an OpenID Connect provider that is strict about what it is asked,
// and answers what it is told to.
type issuer struct {
	t    *testing.T
	url  string
	keys []jose.JSONWebKey // published

	mu     sync.Mutex
	grants map[string]grant // by code

	// What it answers; zero fields are as they should be.
	discovery map[string]any // over what discovery says
	sign      func(claims map[string]any) string
	userinfo  map[string]any
	handle    func(w http.ResponseWriter, r *http.Request) bool // first; true: it has answered

	asked      sync.Map // path -> *atomic.Int64
	tokenCalls atomic.Int64
}

type grant struct {
	challenge string
	claims    map[string]any
}

var (
	rsaKey   = sync.OnceValue(newRSA)
	otherKey = sync.OnceValue(newRSA)
)

func newRSA() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

func newIssuer(t *testing.T) *issuer {
	t.Helper()
	i := &issuer{t: t, grants: map[string]grant{}, keys: []jose.JSONWebKey{{Key: rsaKey().Public(), KeyID: "k1", Algorithm: "RS256", Use: "sig"}}}
	i.sign = func(claims map[string]any) string { return i.signed(jose.RS256, "k1", rsaKey(), claims) }
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	i.url = server.URL
	return i
}

// calls counts how often a path was asked for.
func (i *issuer) calls(path string) int64 {
	n, _ := i.asked.LoadOrStore(path, new(atomic.Int64))
	return n.(*atomic.Int64).Load()
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n, _ := i.asked.LoadOrStore(r.URL.Path, new(atomic.Int64))
	n.(*atomic.Int64).Add(1)
	if i.handle != nil && i.handle(w, r) {
		return
	}
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		doc := map[string]any{
			"issuer": i.url, "authorization_endpoint": i.url + "/authorize", "token_endpoint": i.url + "/token",
			"userinfo_endpoint": i.url + "/userinfo", "jwks_uri": i.url + "/keys",
			"id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		}
		maps.Copy(doc, i.discovery)
		answer(w, doc)
	case "/keys":
		answer(w, jose.JSONWebKeySet{Keys: i.keys})
	case "/token":
		i.token(w, r)
	case "/userinfo":
		if r.Header.Get("Authorization") != "Bearer the-access-token" {
			i.t.Errorf("userinfo was asked with %q", r.Header.Get("Authorization"))
		}
		answer(w, i.userinfo)
	default:
		i.t.Errorf("%s %s was asked for", r.Method, r.URL.Path)
		http.NotFound(w, r)
	}
}

func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	i.tokenCalls.Add(1)
	user, password, _ := r.BasicAuth()
	if user != clientID || password != secret {
		refuse(w, http.StatusUnauthorized, map[string]any{"error": "invalid_client"})
		return
	}
	if r.PostFormValue("grant_type") != "authorization_code" || r.PostFormValue("redirect_uri") != redirect {
		i.t.Errorf("the token request is %v", r.PostForm)
	}
	i.mu.Lock()
	g, known := i.grants[r.PostFormValue("code")]
	delete(i.grants, r.PostFormValue("code"))
	i.mu.Unlock()
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !known || base64.RawURLEncoding.EncodeToString(sum[:]) != g.challenge {
		refuse(w, http.StatusBadRequest, map[string]any{"error": "invalid_grant", "error_description": "PKCE"})
		return
	}
	answer(w, map[string]any{"access_token": "the-access-token", "token_type": "Bearer", "expires_in": 60, "id_token": i.sign(g.claims)})
}

func answer(w http.ResponseWriter, v any) { refuse(w, http.StatusOK, v) }

func refuse(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// signed is a JWT of the claims.
func (i *issuer) signed(alg jose.SignatureAlgorithm, kid string, key any, claims map[string]any) string {
	i.t.Helper()
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: jose.JSONWebKey{Key: key, KeyID: kid}}, nil)
	if err != nil {
		i.t.Fatal(err)
	}
	payload, err := json.Marshal(claims)
	if err != nil {
		i.t.Fatal(err)
	}
	jws, err := signer.Sign(payload)
	if err != nil {
		i.t.Fatal(err)
	}
	text, err := jws.CompactSerialize()
	if err != nil {
		i.t.Fatal(err)
	}
	return text
}

// claims are those of somebody for whom all is well.
func (i *issuer) claims(nonce string) map[string]any {
	return map[string]any{
		"iss": i.url, "sub": "248289761001", "aud": clientID, "nonce": nonce,
		"iat": now.Add(-time.Second).Unix(), "exp": now.Add(time.Hour).Unix(),
		"email": "ada@example.com", "email_verified": true, "name": "Ada Lovelace", "locale": "en-GB",
		"picture": "https://img.example.com/ada.png",
	}
}

// provider is a provider of ours at this issuer.
func (i *issuer) provider(change ...func(*oidc.Options)) *oidc.Provider {
	i.t.Helper()
	o := oidc.Options{
		Name: "acme", Title: "Acme", Issuer: i.url, ClientID: clientID, ClientSecret: vault.NewSecret(secret),
		Now: func() time.Time { return now },
	}
	for _, c := range change {
		c(&o)
	}
	p, err := oidc.New(o)
	if err != nil {
		i.t.Fatal(err)
	}
	return p
}

var login = signin.Login{Provider: "acme", Nonce: "the-nonce", Verifier: "0123456789012345678901234567890123456789012"}

// authorize is the person's visit at the provider: it takes the URL that they
// were sent to and returns the code that they come back with.
func (i *issuer) authorize(where string, change func(claims map[string]any)) string {
	i.t.Helper()
	u, err := url.Parse(where)
	if err != nil {
		i.t.Fatal(err)
	}
	q := u.Query()
	for key, want := range map[string]string{
		"client_id": clientID, "redirect_uri": redirect, "response_type": "code", "scope": "openid profile email",
		"state": "the-state", "nonce": login.Nonce, "code_challenge_method": "S256",
	} {
		if q.Get(key) != want {
			i.t.Errorf("the authorization request's %s is %q, not %q", key, q.Get(key), want)
		}
	}
	claims := i.claims(q.Get("nonce"))
	if change != nil {
		change(claims)
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.grants["the-code"] = grant{q.Get("code_challenge"), claims}
	return "the-code"
}

// login signs somebody in, whose claims may be changed.
func (i *issuer) login(p *oidc.Provider, change func(claims map[string]any)) (signin.Person, error) {
	i.t.Helper()
	where, err := p.Begin(i.t.Context(), redirect, login, "the-state")
	if err != nil {
		return signin.Person{}, err
	}
	return p.Finish(i.t.Context(), redirect, login, i.authorize(where, change))
}
