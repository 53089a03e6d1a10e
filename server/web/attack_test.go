package web_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// vouching is a provider that sends people straight back, and vouches for
// whoever the code names: "ada" is ada@example.com, "eve!" an address of hers
// that it has not verified.
type vouching struct{ name string }

func (v vouching) Name() string  { return v.name }
func (v vouching) Title() string { return strings.ToUpper(v.name) }

func (v vouching) Begin(_ context.Context, redirect string, l signin.Login, state string) (string, error) {
	return redirect + "?" + url.Values{"state": {state}, "nonce": {l.Nonce}}.Encode(), nil
}

func (v vouching) Finish(_ context.Context, _ string, _ signin.Login, code string) (signin.Person, error) {
	who, unverified := strings.CutSuffix(code, "!")
	return signin.Person{External: identity.External{
		Issuer: "https://" + v.name + ".example", Subject: who, Email: who + "@example.com", EmailVerified: !unverified,
	}, Name: who}, nil
}

// with adds providers that vouch.
func with(names ...string) func(string, *signin.PageOptions) {
	return func(_ string, o *signin.PageOptions) {
		for _, n := range names {
			o.Providers = append(o.Providers, vouching{n})
		}
	}
}

// begins begins a login at a provider and returns its callback, with a code.
func (p *person) begins(provider, code string) string {
	p.t.Helper()
	p.open("/signin").fill("/signin/"+provider).sees(200, "Going to")
	return p.onward() + "&code=" + code
}

func TestStates(t *testing.T) {
	t.Parallel()
	const refused = "began in another browser"
	for name, attack := range map[string]func(w *world, victim, attacker *person) *person{
		"none": func(_ *world, victim, _ *person) *person {
			victim.begins("one", "ada")
			return victim.open("/signin/one/callback?code=ada")
		},
		"wrong": func(_ *world, victim, _ *person) *person {
			victim.begins("one", "ada")
			return victim.open("/signin/one/callback?code=ada&state=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
		},
		"replayed": func(_ *world, victim, _ *person) *person {
			callback := victim.begins("one", "ada")
			victim.open(callback).sees(200, "Your account")
			victim.fill("/signout")
			return victim.open(callback)
		},
		"of another browser": func(_ *world, victim, attacker *person) *person {
			return victim.open(attacker.begins("one", "eve"))
		},
		"of another browser that has begun too": func(_ *world, victim, attacker *person) *person {
			victim.begins("one", "ada")
			return victim.open(attacker.begins("one", "eve"))
		},
		"of another provider": func(_ *world, victim, _ *person) *person {
			return victim.open(strings.Replace(victim.begins("one", "ada"), "/one/", "/two/", 1))
		},
		"expired": func(w *world, victim, _ *person) *person {
			callback := victim.begins("one", "ada")
			w.clock.pass(11 * time.Minute)
			return victim.open(callback)
		},
		"from before somebody signed in": func(_ *world, victim, _ *person) *person {
			callback := victim.begins("one", "eve")
			victim.open(victim.begins("one", "ada")).sees(200, "Your account")
			return victim.open(callback)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, with("one", "two"))
			p := attack(w, w.person(), w.person())
			p.sees(403, "That did not work", refused)
			if slices.ContainsFunc(w.users(), func(u identity.User) bool { return u.Name == "eve" }) {
				t.Error("the attacker is signed in")
			}
		})
	}
}

// A state that was shown is used up, also where what came with it was refused.
func TestARefusedAnswerUsesItsStateUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	p := w.person()
	callback := p.begins("one", "eve!")
	p.open(callback).sees(403, "That did not work", "has not confirmed an e-mail address")
	p.open(strings.Replace(callback, "eve!", "ada", 1)).sees(403, "That did not work", "used before")
}

func TestThePersonTurnsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	p := w.person()
	p.begins("one", "")
	p.open(strings.Replace(p.onward(), "?", "?error=access_denied&", 1)).sees(403, "That did not work", "You did not let ONE tell us")
	p.begins("one", "")
	p.open(strings.Replace(p.onward(), "?", "?error=server_error%0Aforged=1&", 1)).sees(503, "Not available right now")
	if strings.Contains(w.log.String(), "\nforged=1") {
		t.Error("the error of a provider writes lines into the log")
	}
}

// The credential changes when somebody signs in: one who planted the first, or
// saw it, has nothing. The same goes for a linked code by e-mail and the owner's
// link.
func TestSessionFixation(t *testing.T) {
	t.Parallel()
	for name, enter := range map[string]func(w *world, p *person){
		"provider":     func(_ *world, p *person) { p.open(p.begins("one", "ada")) },
		"e-mail":       func(_ *world, p *person) { p.signIn("ada@example.com") },
		"owner's link": func(w *world, p *person) { p.open(w.ownerLink()).fill("/owner", "name", "ada") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, with("one"))
			attacker := w.person()
			attacker.open("/signin")
			planted := attacker.cookie()
			victim := w.person()
			victim.plant(planted)
			enter(w, victim)
			victim.sees(200, "Your account")
			if victim.cookie() == planted {
				t.Error("the credential is the one that was planted")
			}
			attacker.open("/account").sees(200, "Sign in")
		})
	}
}

func (p *person) plant(cookie string) {
	at, err := url.Parse(p.url)
	if err != nil {
		p.t.Fatal(err)
	}
	p.client.Jar.SetCookies(at, []*http.Cookie{{Name: "aichat", Value: cookie, Path: "/"}})
}

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

// Nobody is led to another site on our word.
func TestOpenRedirects(t *testing.T) {
	t.Parallel()
	for _, to := range []string{
		"https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example", "///evil.example", "/device/..//evil.example",
		"javascript:alert(1)", "/%2f/evil.example", "/account/../../evil", "https:evil.example", "/signin?return=//evil.example", "/device@evil.example", "device",
	} {
		w := newWorld(t, with("one"))
		p := w.person()
		p.open("/signin?"+url.Values{"return": {to}}.Encode()).fill("/signin/one", "return", to)
		p.open(p.onward()+"&code=ada").sees(200, "Your account")
		if p.page.at.Host != strings.TrimPrefix(w.url, "http://") || p.page.at.Path != "/account" {
			t.Errorf("%q leads to %s", to, p.page.at)
		}
		p.open("/signin?" + url.Values{"return": {to}}.Encode())
		if p.page.at.Path != "/account" {
			t.Errorf("%q leads one who is signed in to %s", to, p.page.at)
		}
		q := w.person()
		q.open("/signin").fill("/signin/email", "email", "bob@example.com", "return", to)
		q.fill("/signin/email/code", "code", w.letter("code", "bob@example.com").Data["code"]).sees(200, "Your account")
	}
}

func TestGuessingACodeByEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	right := w.code("ada@example.com")
	for range 5 {
		p.fill("/signin/email/code", "code", another(right)).sees(422, "Error: Check your mail", "That is not the code.")
	}
	p.fill("/signin/email/code", "code", right).sees(403, "That did not work", "tried too often")
}

// code is the newest one that was mailed to an address.
func (w *world) code(to string) string {
	w.t.Helper()
	return strings.ReplaceAll(w.letter("code", to).Data["code"], " ", "")
}

// another is six digits that are not those.
func another(code string) string {
	if code == "000000" {
		return "000001"
	}
	return "000000"
}

// Many at once have five tries as well.
func TestGuessingACodeInParallel(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where)
		p := w.person()
		p.open("/signin").fill("/signin/email", "email", "ada@example.com")
		right := w.code("ada@example.com")
		values := p.page.forms[0].fields
		var all sync.WaitGroup
		var mu sync.Mutex
		seen := map[int]int{}
		for i := range 15 {
			all.Go(func() {
				guess := url.Values{"code": {fmt.Sprintf("%06d", i)}}
				if guess.Get("code") == right {
					return
				}
				for k, v := range values {
					if k != "code" {
						guess[k] = v
					}
				}
				r := httpPost(t, w.url+"/signin/email/code")
				body := strings.NewReader(guess.Encode())
				r.Body, r.ContentLength = nopCloser{body}, int64(body.Len())
				resp, err := p.client.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				seen[resp.StatusCode]++
			})
		}
		all.Wait()
		if seen[422] != 5 {
			t.Errorf("the answers are %v; five may be of a code that was compared", seen)
		}
		p.fill("/signin/email/code", "code", right).sees(403, "That did not work", "tried too often")
	})
}

// The right code, many times at once, signs in once.
func TestACodeWorksOnce(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where)
		p := w.person()
		p.open("/signin").fill("/signin/email", "email", "ada@example.com")
		values := p.page.forms[0].fields
		values.Set("code", w.code("ada@example.com"))
		p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		var all sync.WaitGroup
		var mu sync.Mutex
		in := 0
		for range 8 {
			all.Go(func() {
				r := httpPost(t, w.url+"/signin/email/code")
				body := strings.NewReader(values.Encode())
				r.Body, r.ContentLength = nopCloser{body}, int64(body.Len())
				resp, err := (&http.Client{CheckRedirect: p.client.CheckRedirect, Transport: cookied(p.cookie())}).Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				resp.Body.Close()
				mu.Lock()
				defer mu.Unlock()
				if resp.StatusCode == http.StatusSeeOther {
					in++
				}
			})
		}
		all.Wait()
		if in != 1 || len(w.users()) != 1 {
			t.Errorf("%d are in, as %d users", in, len(w.users()))
		}
	})
}

// cookied sends one cookie, whatever answers set.
type cookied string

func (c cookied) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Cookie", "aichat="+string(c))
	return http.DefaultTransport.RoundTrip(r)
}

func TestACodeIsForOneBrowser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	victim, attacker := w.person(), w.person()
	victim.open("/signin").fill("/signin/email", "email", "ada@example.com")
	code := w.code("ada@example.com")
	attacker.post("/signin/email/code", url.Values{"token": {attacker.token()}, "email": {"ada@example.com"}, "code": {code}}).sees(403, "That did not work")
	// That cost the victim nothing.
	victim.fill("/signin/email/code", "code", code).sees(200, "Your account")
}

func TestANewerCodeVoidsTheOlder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	older := w.code("ada@example.com")
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	newer := w.code("ada@example.com")
	if older == newer {
		t.Fatal("one in a million: the codes are equal") // run it again
	}
	p.fill("/signin/email/code", "code", older).sees(422, "Error: Check your mail")
	p.fill("/signin/email/code", "code", newer[:3]+" - "+newer[3:]).sees(200, "Your account")
}

func TestACodeEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/signin").fill("/signin/email", "email", "ada@example.com")
	w.clock.pass(10*time.Minute + time.Second)
	p.fill("/signin/email/code", "code", w.code("ada@example.com")).sees(403, "That did not work", "too old")
}

// An address cannot write headers, or go to several.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, address := range []string{
		"ada@example.com\r\nBcc: eve@example.com", "ada@example.com\nBcc: eve@example.com", "ada@example.com%0d%0aBcc:eve@example.com",
		"ada@example.com, eve@example.com", "Ada <ada@example.com>", "\"a\\r\\nb\"@example.com", "ada@example.com\x00", "", "ada", "ada@localhost", strings.Repeat("a", 300) + "@example.com",
	} {
		p := w.person()
		p.from(fmt.Sprintf("127.0.1.%d", 1+len(address)%250))
		p.open("/signin").fill("/signin/email", "email", address).sees(422, "Error: Sign in", "not an e-mail address")
	}
	if n := len(w.store.letters()); n != 0 {
		t.Errorf("%d letters were written", n)
	}
}

// from makes the person's connections come from an address of this machine's.
func (p *person) from(address string) {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	p.client.Transport = &http.Transport{DialContext: dialer.DialContext}
	p.t.Cleanup(p.client.CloseIdleConnections)
}

func TestGuessingUserCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.open("/device")
	for range 15 {
		p.fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code", "No sign-in waits")
	}
	p.fill("/device", "user_code", "XXXXXXXX").sees(429, "A little slower, please")
	if p.page.header.Get("Retry-After") != "6" {
		t.Errorf("Retry-After is %q", p.page.header.Get("Retry-After"))
	}
	// Other browsers of the same address have what is left of it.
	for range 15 {
		q := w.person()
		q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
	}
	q := w.person()
	q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(429, "A little slower, please")
	// Somebody elsewhere notices nothing.
	r := w.person()
	r.from("127.0.0.2")
	r.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
	w.clock.pass(6 * time.Second)
	q.open("/device").fill("/device", "user_code", "XXXXXXXX").sees(422, "Error: Enter your code")
}

// A mailbox is not filled by strangers, nor anything by one address.
func TestCodesByEmailAreLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 6 {
		p := w.person()
		p.from(fmt.Sprintf("127.0.2.%d", i+1))
		p.open("/signin").fill("/signin/email", "email", "Ada@example.com")
		if want := map[bool]int{true: 200, false: 429}[i < 5]; p.page.status != want {
			t.Errorf("letter %d to one mailbox: %d", i, p.page.status)
		}
	}
	p := w.person()
	for i := range 11 {
		p.open("/signin").fill("/signin/email", "email", fmt.Sprintf("ada%d@example.com", i))
		if want := map[bool]int{true: 200, false: 429}[i < 10]; p.page.status != want {
			t.Errorf("letter %d from one address: %d", i, p.page.status)
		}
	}
}

// What devices and people call themselves is text, on one line.
func TestOthersWordsAreText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const nasty = `</bdi><script>alert(1)</script><img src=x onerror=alert(1)>"'{{.}}`
	w.waits(signin.Device{Client: "aichat-cli", Name: nasty, Version: nasty, Address: nasty})
	p := w.person()
	p.signIn("ada@example.com")
	p.open("/device/confirm?user_code=BCDF-GHJK").sees(200, "Is this you?", nasty)
	if strings.Contains(p.page.source, "<script") || strings.Contains(p.page.source, "<img") {
		t.Error("a name is markup")
	}
	for _, path := range []string{"/device?user_code=" + url.QueryEscape(nasty), "/owner?link=" + url.QueryEscape(nasty), "/signin?return=" + url.QueryEscape(nasty)} {
		p := w.person()
		p.open(path)
		if strings.Contains(p.page.source, "<script") || strings.Contains(p.page.source, "onerror=alert(1)>") {
			t.Errorf("%s is markup", path)
		}
	}
}

func TestWhoMaySignUp(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name    string
		policy  signin.Policy
		invited string
		code    string
		in      bool
	}{
		{"open", signin.Policy{SignUp: signin.Open}, "", "ada", true},
		{"open, but not verified", signin.Policy{SignUp: signin.Open}, "", "ada!", false},
		{"by invitation", signin.Policy{}, "ada@example.com", "ada", true},
		{"by invitation, of another", signin.Policy{}, "bob@example.com", "ada", false},
		{"by invitation, but not verified", signin.Policy{}, "ada@example.com", "ada!", false},
		{"a domain", signin.Policy{SignUp: signin.ByDomain, Domains: []string{"example.com"}}, "", "ada", true},
		{"a domain, but not verified", signin.Policy{SignUp: signin.ByDomain, Domains: []string{"example.com"}}, "", "ada!", false},
		{"another domain", signin.Policy{SignUp: signin.ByDomain, Domains: []string{"ample.com", "sub.example.com", "example.com.evil"}}, "", "ada", false},
		{"another domain, but invited", signin.Policy{SignUp: signin.ByDomain, Domains: []string{"example.org"}}, "ada@example.com", "ada", true},
		{"an unknown rule", signin.Policy{SignUp: "everybody"}, "", "ada", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, with("one"), func(_ string, o *signin.PageOptions) { o.Policy = tc.policy })
			if tc.invited != "" {
				w.invite(signin.Invitation{Mailbox: tc.invited, By: "operator", CreatedAt: w.clock.now()})
			}
			p := w.person()
			p.open(p.begins("one", tc.code))
			if tc.in {
				p.sees(200, "Your account")
			} else {
				p.sees(403, "That did not work")
			}
			if got := len(w.users()) == 1; got != tc.in {
				t.Errorf("there are %d users", len(w.users()))
			}
		})
	}
}

// An address is no key: whoever a provider says has it too neither becomes the
// user who has it, nor a second one beside, nor takes anything over.
func TestAnAddressJoinsNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one", "two"))
	w.person().signIn("ada@example.com").sees(200, "Your account")
	for _, code := range []string{"ada", "ada!"} {
		p := w.person()
		p.open(p.begins("one", code)).sees(403, "That did not work")
		p.open("/account").sees(200, "Sign in")
	}
	if n := len(w.users()); n != 1 {
		t.Errorf("there are %d users", n)
	}
	// Signed in, the same identity is linked, and signs in from then on.
	p := w.person()
	p.signIn("ada@example.com")
	p.fill("/signin/two")
	p.open(p.onward()+"&code=ada").sees(200, "Your account", "two.example")
	q := w.person()
	q.open(q.begins("two", "ada!")).sees(200, "Your account") // what it says of the address does not matter now
	if n := len(w.users()); n != 1 {
		t.Errorf("there are %d users", n)
	}
}

// Nothing in the log can be used, whatever went wrong.
func TestTheLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	w.waits(thinkpad)
	p := w.person()
	secrets := []string{"BCDF-GHJK", "BCDFGHJK"}
	link := w.ownerLink()
	secrets = append(secrets, strings.TrimPrefix(link, "/owner?link="))
	callback := p.begins("one", "the-code-of-a-provider")
	at, _ := url.Parse(callback)
	secrets = append(secrets, at.Query().Get("state"), "the-code-of-a-provider", p.cookie())
	w.person().open(callback).sees(403, "That did not work")
	p.open("/device/confirm?user_code=BCDF-GHJK").fill("/signin/email", "email", "ada@example.com")
	secrets = append(secrets, w.code("ada@example.com"), p.page.forms[0].fields.Get("token"))
	p.fill("/signin/email/code", "code", "999999x")
	p.fill("/signin/email/code", "code", w.code("ada@example.com")).sees(200, "Is this you?")
	p.open(link+"x").fill("/owner", "name", "Eve").sees(403, "That did not work")
	p.open("/nowhere?user_code=BCDF-GHJK").sees(404, "Nothing here")
	w.breaks()
	p.open("/device/confirm?user_code=BCDF-GHJK").sees(503, "Not available right now")
	secrets = append(secrets, p.cookie())
	log := w.log.String()
	if !strings.Contains(log, "page failed") {
		t.Error("nothing is logged")
	}
	for _, s := range secrets {
		if s != "" && strings.Contains(log, s) {
			t.Errorf("the log holds %q:\n%s", s, log)
		}
	}
}

// The server does the same for an address that it knows and for one that it does
// not: asking tells nobody who is here.
func TestAskingForACodeTellsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ string, o *signin.PageOptions) { o.Policy = signin.Policy{} })
	w.invite(signin.Invitation{Mailbox: "ada@example.com", By: "operator", CreatedAt: w.clock.now()})
	w.person().signIn("ada@example.com").sees(200, "Your account")
	w.invite(signin.Invitation{Mailbox: "bob@example.com", By: "operator", CreatedAt: w.clock.now()})
	var works, pages []string
	for _, address := range []string{"ada@example.com", "bob@example.com", "eve@example.com"} {
		p := w.person()
		p.open("/signin")
		before := len(w.calls())
		p.fill("/signin/email", "email", address).sees(200, "Check your mail")
		works = append(works, strings.Join(w.calls()[before:], " "))
		pages = append(pages, strings.ReplaceAll(p.page.text, address, "…"))
		w.letter("code", address)
	}
	if works[0] != works[1] || works[0] != works[2] || works[0] == "" {
		t.Errorf("the work differs: %q", works)
	}
	if pages[0] != pages[1] || pages[0] != pages[2] {
		t.Errorf("the pages differ: %q", pages)
	}
	// Who may not sign in learns it when the address is proven.
	p := w.person()
	p.signIn("eve@example.com").sees(403, "That did not work", "You need an invitation", "eve@example.com")
}

func TestAFormThatIsTooLong(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person()
	p.post("/device", url.Values{"token": {p.token()}, "user_code": {strings.Repeat("x", 20<<10)}}).sees(413, "Something is missing", "too long")
	p.open("/device").fill("/device", "user_code", strings.Repeat("B-", 500)).sees(422, "Error: Enter your code")
}

func TestABrowsersSessionEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person()
	p.signIn("ada@example.com").sees(200, "Your account")
	jar, _ := cookiejar.New(nil) // a browser whose clock stands still keeps the cookie
	stale := p.cookie()
	p.client.Jar = jar
	p.plant(stale)
	w.clock.pass(12*time.Hour + time.Second)
	p.open("/account").sees(200, "Sign in")
}
