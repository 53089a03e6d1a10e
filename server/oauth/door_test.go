package oauth_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/oauth"
	"github.com/aichat-term/aichat/server/signin"
)

func TestDeviceFlow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	d := w.begin()
	if !regexp.MustCompile(`^[B-Z]{4}-[B-Z]{4}$`).MatchString(d.UserCode) || !identity.DeviceCode.Plausible(d.DeviceCode) ||
		d.VerificationURI != site+"/device" || d.VerificationURIComplete != site+"/device?user_code="+d.UserCode ||
		d.ExpiresIn != 600 || d.Interval != 5 {
		t.Errorf("device: %+v", d)
	}
	w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthAuthorizationPending)
	w.pass(time.Second)
	if p := w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthSlowDown); p.Interval != 10 {
		t.Errorf("told to wait %d s, want 10", p.Interval)
	}
	w.decide(strings.ToLower(d.UserCode), true)
	g := read[wire.TokenGrant](w, w.poll(d.DeviceCode), 200)
	if !identity.AccessToken.Plausible(g.AccessToken) || !identity.RefreshToken.Plausible(g.RefreshToken) ||
		g.TokenType != "Bearer" || g.ExpiresIn != 900 || g.Scope != "read chat account" || g.Session == "" {
		t.Errorf("grant: %+v", g)
	}
	w.wantError(w.poll(d.DeviceCode), 400, wire.OAuthInvalidGrant)

	next := read[wire.TokenGrant](w, w.refresh(g.RefreshToken), 200)
	if next.RefreshToken == g.RefreshToken || next.Session != g.Session {
		t.Errorf("after %+v came %+v", g, next)
	}
	for range 2 {
		if a := w.revoke(next.RefreshToken); a.status != 200 || a.body != "" {
			t.Errorf("revoked: %+v", a)
		}
	}
	w.wantError(w.refresh(next.RefreshToken), 400, wire.OAuthInvalidGrant)
}

// TestWhoAsks: what is shown to the person is what the program says of itself, or
// else what its requests say.
func TestWhoAsks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	w.from = "203.0.113.5:99"
	for version, want := range map[string]string{"tool 2\n": "tool 2", "": "agent/1"} {
		form := url.Values{"client_id": {wire.ClientID}, wire.FieldClientVersion: {version}, wire.FieldDeviceName: {" ann's\tlaptop"}}
		r := httptest.NewRequest("POST", wire.PathDeviceCode, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("User-Agent", "agent/1")
		code, _ := signin.ParseUserCode(read[wire.DeviceCode](w, w.do(r), 200).UserCode)
		d, err := w.grants.Pending(t.Context(), code)
		must(t, err)
		if d.Version != want || d.Name != "ann's laptop" || d.Address != "203.0.113.5" || d.Client != wire.ClientID {
			t.Errorf("shown: %+v", d)
		}
	}
}

func TestDeniedAndExpired(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	denied, late := w.begin(), w.begin()
	w.decide(denied.UserCode, false)
	w.wantError(w.poll(denied.DeviceCode), 400, wire.OAuthAccessDenied)
	w.pass(10 * time.Minute)
	w.wantError(w.poll(late.DeviceCode), 400, wire.OAuthExpiredToken)
}

func TestRevoke(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	g := w.signIn()
	if a := w.revoke("never-seen"); a.status != 200 {
		t.Errorf("an unknown token: %+v", a)
	}
	w.wantError(w.revoke(identity.PersonalToken.New()), 400, wire.OAuthUnsupportedTokenType)
	if a := w.revoke(g.AccessToken); a.status != 200 {
		t.Errorf("an access token: %+v", a)
	}
	w.wantError(w.refresh(g.RefreshToken), 400, wire.OAuthInvalidGrant)
}

// TestForms: what is wrong with a request, and how it is said.
func TestForms(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	cli := "client_id=" + wire.ClientID
	refresh := "grant_type=refresh_token&refresh_token=" + identity.RefreshToken.New()
	for _, tc := range []struct {
		path, body string
		status     int
		code       string
	}{
		{wire.PathDeviceCode, "", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, "client_id=", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, "client_id=stranger", 400, wire.OAuthInvalidClient},
		{wire.PathDeviceCode, cli + "&scope=chat+everything", 400, wire.OAuthInvalidScope},
		{wire.PathDeviceCode, cli + "&" + cli, 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&x=1&x=1", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&device_name=%zz", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&device_name=%ff", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&device_name=a%00b", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&device_name=\xff", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + ";scope=chat", 400, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, cli + "&x=" + strings.Repeat("a", oauth.FormLimit), 413, wire.OAuthInvalidRequest},
		{wire.PathDeviceCode, `{"client_id":"aichat-cli"}`, 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, cli, 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, refresh, 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, cli + "&grant_type=", 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, cli + "&grant_type=password&username=ann&password=x", 400, wire.OAuthUnsupportedGrantType},
		{wire.PathOAuthToken, cli + "&grant_type=authorization_code&code=x", 400, wire.OAuthUnsupportedGrantType},
		{wire.PathOAuthToken, cli + "&grant_type=" + url.QueryEscape(wire.GrantDeviceCode), 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, cli + "&grant_type=" + url.QueryEscape(wire.GrantDeviceCode) + "&device_code=x", 400, wire.OAuthInvalidGrant},
		{wire.PathOAuthToken, cli + "&grant_type=refresh_token", 400, wire.OAuthInvalidRequest},
		{wire.PathOAuthToken, cli + "&" + refresh + "&scope=x", 400, wire.OAuthInvalidScope},
		{wire.PathOAuthToken, cli + "&" + refresh, 400, wire.OAuthInvalidGrant},
		{wire.PathOAuthToken, "client_id=stranger&" + refresh, 400, wire.OAuthInvalidClient},
		{wire.PathRevoke, cli, 400, wire.OAuthInvalidRequest},
		{wire.PathRevoke, "token=x", 400, wire.OAuthInvalidRequest},
		{wire.PathRevoke, "token=x&client_id=stranger", 400, wire.OAuthInvalidClient},
		{"/oauth/authorize", cli, 404, wire.OAuthInvalidRequest},
		{"/oauth/token/", cli, 404, wire.OAuthInvalidRequest},
	} {
		p := w.wantError(w.postText(tc.path, tc.body), tc.status, tc.code)
		wantPlain(t, p)
		for value := range strings.FieldsFuncSeq(tc.body, func(r rune) bool { return strings.ContainsRune("&=", r) }) {
			if len(value) > 12 && strings.Contains(p.Description, value) && !strings.HasPrefix(value, "urn") && value != "refresh_token" {
				t.Errorf("%q repeats what was sent", p.Description)
			}
		}
	}
}

// plain is what an error_description may hold (RFC 6749, section 5.2).
var plain = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]+\.$`)

func wantPlain(t *testing.T, p wire.OAuthProblem) {
	t.Helper()
	if !plain.MatchString(p.Description) {
		t.Errorf("%s: %q is no plain sentence", p.Error, p.Description)
	}
}

func TestSentencesArePlain(t *testing.T) {
	t.Parallel()
	for _, all := range oauth.Refusals() {
		for _, p := range all {
			wantPlain(t, p)
		}
	}
	for _, kind := range fault.Kinds() {
		wantPlain(t, wire.OAuthProblem{Error: kind.String(), Description: (&fault.Error{Kind: kind}).Public()})
	}
}

// TestRequests: what is wrong besides the form.
func TestRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	form := url.Values{"client_id": {wire.ClientID}}.Encode()
	request := func(method, target, kind string) *http.Request {
		r := httptest.NewRequest(method, target, strings.NewReader(form))
		r.Header.Set("Content-Type", kind)
		return r
	}
	const kind = "application/x-www-form-urlencoded"
	for _, path := range []string{wire.PathDeviceCode, wire.PathOAuthToken, wire.PathRevoke} {
		for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "OPTIONS"} {
			a := w.do(request(method, path, kind))
			if a.status != 405 || a.header.Get("Allow") != "POST" {
				t.Errorf("%s %s: %d, Allow %q", method, path, a.status, a.header.Get("Allow"))
			}
		}
		for _, wrong := range []string{"", "application/json", "multipart/form-data; boundary=x", "text/plain", "application/x-www-form-urlencoded;;"} {
			w.wantError(w.do(request("POST", path, wrong)), 400, wire.OAuthInvalidRequest)
		}
		w.wantError(w.do(request("POST", path+"?client_id=x", kind)), 400, wire.OAuthInvalidRequest)
		r := request("POST", path, kind)
		r.SetBasicAuth(wire.ClientID, "secret")
		a := w.do(r)
		w.wantError(a, 401, wire.OAuthInvalidClient)
		if !strings.HasPrefix(a.header.Get("WWW-Authenticate"), "Basic ") {
			t.Errorf("%s: a 401 without a challenge", path)
		}
	}
	read[wire.DeviceCode](w, w.do(request("POST", wire.PathDeviceCode, kind+"; charset=UTF-8")), 200)
}

func TestMetadata(t *testing.T) {
	t.Parallel()
	w := newWorld(t, oauth.Options{})
	a := w.get(wire.PathMetadata)
	got := read[map[string]any](w, a, 200)
	for name, want := range map[string]any{
		"issuer":                        site,
		"token_endpoint":                site + "/oauth/token",
		"device_authorization_endpoint": site + "/oauth/device/code",
		"revocation_endpoint":           site + "/oauth/revoke",
	} {
		if got[name] != want {
			t.Errorf("%s is %v, want %v", name, got[name], want)
		}
	}
	for name, want := range map[string]string{
		"grant_types_supported":                      wire.GrantDeviceCode + " " + wire.GrantRefresh,
		"response_types_supported":                   "",
		"token_endpoint_auth_methods_supported":      "none",
		"revocation_endpoint_auth_methods_supported": "none",
		"scopes_supported":                           "read chat account",
	} {
		var words []string
		list, isList := got[name].([]any)
		for _, v := range list {
			words = append(words, v.(string))
		}
		if !isList || strings.Join(words, " ") != want {
			t.Errorf("%s is %v, want [%s]", name, got[name], want)
		}
	}
	for _, name := range []string{"authorization_endpoint", "code_challenge_methods_supported", "jwks_uri"} {
		if v, there := got[name]; there {
			t.Errorf("%s is %v, and there is none", name, v)
		}
	}
	if post := w.do(httptest.NewRequest(http.MethodPost, wire.PathMetadata, nil)); post.status != 405 {
		t.Errorf("POST: %d", post.status)
	}
}

func FuzzParseForm(f *testing.F) {
	for _, body := range []string{"", "client_id=aichat-cli&scope=read+chat", "a=1&a=2", "a=%00", "a=%ff", "\xff=1", "a;b", "a=%zz", "=", "&&&", "a&a", "%61=1&a=2"} {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form, err := oauth.ParseForm(body)
		if err != nil {
			if form != nil {
				t.Fatalf("%q is refused and read as %v", body, form)
			}
			return
		}
		again := url.Values{}
		for name, value := range form {
			if strings.ContainsAny(value, "\x00") || strings.ToValidUTF8(value, "") != value {
				t.Fatalf("%q is read as %q", body, value)
			}
			again.Set(name, value)
		}
		twice, err := oauth.ParseForm(again.Encode())
		if err != nil || len(twice) != len(form) {
			t.Fatalf("%q is read as %v, and that as %v, %v", body, form, twice, err)
		}
		for name, value := range form {
			if twice[name] != value {
				t.Fatalf("%q: %q became %q", name, value, twice[name])
			}
		}
	})
}
