package github_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/identity/github"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/vault"
)

const (
	clientID = "Iv1.8a61f9b3a7aba766"
	secret   = "s3cret-of-the-app"
	redirect = "https://chat.example.com/signin/github/callback"
	code     = "e72e16c7e42f292c6912e7710c838347ae178b4a"
	token    = "gho_16C7e42F292c6912E7710c838347Ae178B4a"
)

var login = signin.Login{Provider: "github", Verifier: "0123456789012345678901234567890123456789012"}

// The payloads have the members that GitHub's documentation shows, as far as we
// read them, and some that we do not.
const (
	octocat = `{"login":"octocat","id":583231,"node_id":"MDQ6VXNlcjU4MzIzMQ==","avatar_url":"https://avatars.githubusercontent.com/u/583231?v=4",
		"type":"User","site_admin":false,"name":"The Octocat","email":"not-the-primary@example.com","created_at":"2011-01-25T18:44:36Z"}`
	emails = `[{"email":"old@example.com","verified":true,"primary":false,"visibility":null},
		{"email":"octocat@github.com","verified":true,"primary":true,"visibility":"private"}]`
	granted = `{"access_token":"` + token + `","scope":"user:email","token_type":"bearer"}`
)

// hub is a GitHub that is strict about what it is asked.
type hub struct {
	t         *testing.T
	url       string
	challenge string
	answers   map[string]string // by path, instead of the usual ones
	statuses  map[string]int    // by path; 0: 200
}

func newHub(t *testing.T) *hub {
	t.Helper()
	h := &hub{t: t, answers: map[string]string{}, statuses: map[string]int{}}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.url = server.URL
	return h
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := ""
	switch r.Method + " " + r.URL.RequestURI() {
	case "POST /login/oauth/access_token":
		body = h.exchange(r)
	case "GET /api/v3/user":
		h.checkAPI(r)
		body = octocat
	case "GET /api/v3/user/emails?per_page=100":
		h.checkAPI(r)
		body = emails
	default:
		h.t.Errorf("%s %s was asked for", r.Method, r.URL)
	}
	if told, ok := h.answers[r.URL.Path]; ok {
		body = told
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if status := h.statuses[r.URL.Path]; status != 0 {
		w.WriteHeader(status)
	}
	_, _ = io.WriteString(w, body)
}

// exchange answers as GitHub does: its errors are a 200.
func (h *hub) exchange(r *http.Request) string {
	if r.PostFormValue("client_id") != clientID || r.PostFormValue("client_secret") != secret {
		return `{"error":"incorrect_client_credentials","error_description":"The client_id and/or client_secret passed are incorrect."}`
	}
	if r.PostFormValue("redirect_uri") != redirect {
		return `{"error":"redirect_uri_mismatch"}`
	}
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if r.PostFormValue("code") != code || base64.RawURLEncoding.EncodeToString(sum[:]) != h.challenge {
		return `{"error":"bad_verification_code","error_description":"The code passed is incorrect or expired.","error_uri":"https://docs.github.com/"}`
	}
	return granted
}

func (h *hub) checkAPI(r *http.Request) {
	if r.Header.Get("Authorization") != "Bearer "+token || r.Header.Get("Accept") != "application/vnd.github+json" ||
		r.Header.Get("X-GitHub-Api-Version") == "" || r.Header.Get("User-Agent") != "aichat-server" {
		h.t.Errorf("the API is asked with %v", r.Header)
	}
}

func (h *hub) provider(change ...func(*github.Options)) *github.Provider {
	h.t.Helper()
	o := github.Options{Name: "github", Home: h.url, ClientID: clientID, ClientSecret: vault.NewSecret(secret)}
	for _, c := range change {
		c(&o)
	}
	p, err := github.New(o)
	if err != nil {
		h.t.Fatal(err)
	}
	return p
}

// login signs somebody in.
func (h *hub) login(p *github.Provider, l signin.Login, code string) (signin.Person, error) {
	h.t.Helper()
	where, err := p.Begin(h.t.Context(), redirect, login, "the-state")
	if err != nil {
		h.t.Fatal(err)
	}
	u, err := url.Parse(where)
	if err != nil {
		h.t.Fatal(err)
	}
	q := u.Query()
	for key, want := range map[string]string{
		"client_id": clientID, "redirect_uri": redirect, "scope": "user:email", "state": "the-state", "code_challenge_method": "S256",
	} {
		if q.Get(key) != want {
			h.t.Errorf("the authorization request's %s is %q, not %q", key, q.Get(key), want)
		}
	}
	if u.Path != "/login/oauth/authorize" {
		h.t.Errorf("it begins at %s", u)
	}
	h.challenge = q.Get("code_challenge")
	return p.Finish(h.t.Context(), redirect, l, code)
}

func TestWhoItIs(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	p := h.provider()
	got, err := h.login(p, login, code)
	want := signin.Person{
		External: identity.External{Issuer: h.url, Subject: "583231", Email: "octocat@github.com", EmailVerified: true},
		Name:     "The Octocat", AvatarURL: "https://avatars.githubusercontent.com/u/583231?v=4",
	}
	if err != nil || got != want {
		t.Errorf("it is %+v, %v; want %+v", got, err, want)
	}
	if p.Title() != "GitHub" || p.Name() != "github" {
		t.Errorf("it is called %q, %q", p.Title(), p.Name())
	}
}

func TestGitHubItself(t *testing.T) {
	t.Parallel()
	asked := map[string]bool{}
	p, err := github.New(github.Options{Name: "github", ClientID: clientID, ClientSecret: vault.NewSecret(secret),
		Transport: transport(func(r *http.Request) (*http.Response, error) {
			asked[r.URL.Scheme+"://"+r.URL.Host+r.URL.Path] = true
			body := map[string]string{"/login/oauth/access_token": granted, "/user": octocat, "/user/emails": emails}[r.URL.Path]
			return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
		})})
	if err != nil {
		t.Fatal(err)
	}
	got, err := p.Finish(t.Context(), redirect, login, code)
	if err != nil || got.Issuer != "https://github.com" {
		t.Errorf("it is %+v, %v", got, err)
	}
	for _, want := range []string{"https://github.com/login/oauth/access_token", "https://api.github.com/user", "https://api.github.com/user/emails"} {
		if !asked[want] {
			t.Errorf("%s was not asked: %v", want, asked)
		}
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestOnlyThePrimaryVerifiedAddress(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]string{
		"the primary is not verified": `[{"email":"a@example.com","verified":false,"primary":true},{"email":"b@example.com","verified":true,"primary":false}]`,
		"none":                        `[]`,
		"no primary":                  `[{"email":"b@example.com","verified":true,"primary":false}]`,
		"an empty one":                `[{"email":"","verified":true,"primary":true}]`,
	} {
		h := newHub(t)
		h.answers["/api/v3/user/emails"] = list
		got, err := h.login(h.provider(), login, code)
		if err != nil || got.Subject != "583231" || got.Email != "" || got.EmailVerified {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	const exchange, user, list = "/login/oauth/access_token", "/api/v3/user", "/api/v3/user/emails"
	other := login
	other.Verifier = strings.Repeat("x", 43)
	for _, tc := range []struct {
		name         string
		path, answer string
		status       int
		login        signin.Login
		code         string
		want         fault.Kind
	}{
		{"another code", "", "", 0, login, "another", fault.Unauthenticated},
		{"another verifier", "", "", 0, other, code, fault.Unauthenticated},
		{"no token", exchange, `{}`, 0, login, code, fault.Unavailable},
		{"no JSON", exchange, `<html>`, 0, login, code, fault.Unavailable},
		{"the exchange is down", exchange, `oops`, 503, login, code, fault.Unavailable},
		{"the API is down", user, `oops`, 502, login, code, fault.Unavailable},
		{"the API limits the rate", user, `{}`, 403, login, code, fault.Unavailable},
		{"the API says often enough", list, `{}`, 429, login, code, fault.Unavailable},
		{"the token was revoked", user, `{"message":"Bad credentials"}`, 401, login, code, fault.Unauthenticated},
		{"the scope was not granted", list, `{"message":"Not Found"}`, 404, login, code, fault.Unauthenticated},
		{"a user without an id", user, `{"login":"x"}`, 0, login, code, fault.Unauthenticated},
		{"a user that is text", user, `"x"`, 0, login, code, fault.Unauthenticated},
		{"an id that is text", user, `{"id":"583231"}`, 0, login, code, fault.Unauthenticated},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := newHub(t)
			if tc.path != "" {
				h.answers[tc.path], h.statuses[tc.path] = tc.answer, tc.status
			}
			got, err := h.login(h.provider(), tc.login, tc.code)
			if !fault.Is(err, tc.want) || got != (signin.Person{}) {
				t.Errorf("it ends as %+v, %v; want %v", got, err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), token) || strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), code)) {
				t.Errorf("the log would say: %v", err)
			}
		})
	}
}

func TestAWrongSecret(t *testing.T) {
	t.Parallel()
	h := newHub(t)
	_, err := h.login(h.provider(func(o *github.Options) { o.ClientSecret = vault.NewSecret("wrong") }), login, code)
	if !fault.Is(err, fault.Internal) || !strings.Contains(fault.Of(err).Public(), "not set up correctly") {
		t.Errorf("it says: %v", err)
	}
}

// The token stays with the server that gave it.
func TestRedirectsElsewhereAreNotFollowed(t *testing.T) {
	t.Parallel()
	thief := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Errorf("%s reached another host", r.URL) }))
	t.Cleanup(thief.Close)
	for _, path := range []string{"/login/oauth/access_token", "/user", "/user/emails"} {
		p, err := github.New(github.Options{Name: "github", ClientID: clientID, ClientSecret: vault.NewSecret(secret),
			Transport: transport(func(r *http.Request) (*http.Response, error) {
				if r.URL.Path == path {
					return &http.Response{StatusCode: 307, Header: http.Header{"Location": {thief.URL}}, Body: http.NoBody, Request: r}, nil
				}
				if !strings.HasSuffix(r.URL.Host, "github.com") {
					t.Errorf("%s was asked", r.URL)
				}
				body := map[string]string{"/login/oauth/access_token": granted, "/user": octocat}[r.URL.Path]
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body)), Request: r}, nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := p.Finish(t.Context(), redirect, login, code); !fault.Is(err, fault.Unavailable) {
			t.Errorf("%s: %+v, %v", path, got, err)
		}
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	t.Parallel()
	for _, o := range []github.Options{
		{}, {Name: "g", ClientID: "c"}, {Name: "g", ClientSecret: vault.NewSecret("s")},
		{Name: "g", ClientID: "c", ClientSecret: vault.NewSecret("s"), Home: "http://ghe.example.com"},
	} {
		if _, err := github.New(o); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", fmt.Sprint(o), err)
		}
	}
}
