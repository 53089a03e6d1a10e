package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// posts are all forms that change something, with what they need to do so.
func posts(w *world) map[string]url.Values {
	return map[string]url.Values{
		"/device":            {"user_code": {"BCDFGHJK"}},
		"/device/confirm":    {"user_code": {"BCDFGHJK"}, "decision": {"allow"}},
		"/signin/one":        {"return": {"/account"}},
		"/signin/email":      {"email": {"eve@example.com"}},
		"/signin/email/code": {"email": {"eve@example.com"}, "code": {"123456"}},
		"/owner":             {"link": {w.ownerLink()}, "name": {"Eve"}},
		"/account/unlink":    {"issuer": {"email"}, "subject": {"ada@example.com"}},
		"/signout":           {},
	}
}

func TestForgedForms(t *testing.T) {
	t.Parallel()
	for name, forge := range map[string]func(victim, attacker *person, values url.Values, r *http.Request){
		"without a token":             func(_, _ *person, values url.Values, _ *http.Request) { values.Del("token") },
		"with the attacker's token":   func(_, a *person, values url.Values, _ *http.Request) { values.Set("token", a.token()) },
		"from another site":           func(_, _ *person, _ url.Values, r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
		"from a subdomain":            func(_, _ *person, _ url.Values, r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") },
		"from another origin, of old": func(_, _ *person, _ url.Values, r *http.Request) { r.Header.Set("Origin", "https://evil.example") },
		"from nowhere":                func(_, _ *person, _ url.Values, r *http.Request) { r.Header.Set("Origin", "null") },
		"with the token in the address": func(_, _ *person, values url.Values, r *http.Request) {
			r.URL.RawQuery = url.Values{"token": values["token"]}.Encode()
			values.Del("token")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, with("one"))
			w.waits(thinkpad)
			victim, attacker := w.person(), w.person()
			victim.signIn("ada@example.com").sees(200, "Your account")
			attacker.open("/signin")
			for path, values := range posts(w) {
				values.Set("token", victim.token())
				r := httpPost(t, w.url+path)
				forge(victim, attacker, values, r)
				body := strings.NewReader(values.Encode())
				r.Body, r.ContentLength = nopCloser{body}, int64(body.Len())
				victim.send(r).sees(403, "That did not work", "so nothing was done")
			}
			if d := w.device(); d.State != signin.Pending {
				t.Errorf("the program is %s", d.State)
			}
			victim.open("/account").sees(200, "Your account", "ada@example.com")
		})
	}
}

type nopCloser struct{ *strings.Reader }

func (nopCloser) Close() error { return nil }

func httpPost(t *testing.T, where string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(http.MethodPost, where, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

// token is the one of the forms that the person's browser was given.
func (p *person) token() string {
	p.t.Helper()
	return p.open("/device").page.forms[0].fields.Get("token")
}

// Nothing is decided by looking at a page, whatever its address says.
func TestLookingDecidesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.waits(thinkpad)
	p := w.person()
	before := len(w.events())
	p.open("/device?user_code=bcdf-ghjk&decision=allow").sees(200, "Enter your code")
	if got := p.page.forms[0].fields.Get("user_code"); got != "BCDF-GHJK" {
		t.Errorf("the field holds %q", got)
	}
	if len(w.events()) != before {
		t.Error("the code was sent by itself")
	}
	p.signIn("ada@example.com")
	p.open("/device/confirm?user_code=BCDF-GHJK&decision=allow").sees(200, "Is this you?")
	if got := w.device().State; got != signin.Pending {
		t.Errorf("it is %s", got)
	}
}

// Whoever is not signed in decides nothing.
func TestStrangersDecideNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.waits(thinkpad)
	for _, decision := range []string{"allow", "deny"} {
		p := w.person()
		p.post("/device/confirm", url.Values{"token": {p.token()}, "user_code": {"BCDFGHJK"}, "decision": {decision}}).sees(200, "Enter your code")
	}
	if got := w.device().State; got != signin.Pending {
		t.Errorf("it is %s", got)
	}
}

// No page can be framed, kept or sniffed, and none loads or runs anything.
func TestHeaders(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	w.waits(thinkpad)
	p := w.person()
	check := func() {
		t.Helper()
		h := p.page.header
		for key, want := range map[string]string{
			"X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "same-origin",
			"Content-Type": "text/html; charset=utf-8", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if h.Get(key) != want {
				t.Errorf("%s: %s is %q", p.page.at, key, h.Get(key))
			}
		}
		csp := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'", "style-src 'self'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy is %q", p.page.at, csp)
			}
		}
		if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
			t.Errorf("%s: the policy lets scripts or styles in: %q", p.page.at, csp)
		}
		if strings.Contains(strings.ToLower(p.page.source), "<script") || strings.Contains(p.page.source, "style=") {
			t.Errorf("%s has a script or a style of its own", p.page.at)
		}
	}
	for _, path := range []string{"/", "/device", "/device/allowed", "/device/denied", "/signin", "/owner", "/account", "/nowhere", "/signin/one/callback", "/signin/none/callback"} {
		p.open(path)
		check()
	}
	p.post("/signin/email", url.Values{})
	check()
	p.signIn("ada@example.com")
	check()
	p.open("/device/confirm?user_code=BCDF-GHJK").sees(200, "Is this you?")
	check()
	p.open("/account")
	check()
	p.fill("/signin/one")
	check()
}

func TestCookies(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, url, cookie string
		secure            bool
	}{
		{"over http", "", "aichat", false},
		{"over https", "https://chat.example.com", "__Host-aichat", true},
	} {
		w := newWorld(t, func(_ string, o *signin.PageOptions) {
			if tc.url != "" {
				o.URL = tc.url
			}
		})
		resp, err := http.Get(w.url + "/device")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		c := resp.Cookies()[0]
		if c.Name != tc.cookie || c.Secure != tc.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s: %s", tc.name, c)
		}
		if !identity.BrowserCookie.Plausible(c.Value) {
			t.Errorf("%s: the cookie is %q", tc.name, c.Value)
		}
	}
}
