package web_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

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
	p.open(link+"x").sees(403, "That did not work")
	p.open("/owner?link="+identity.OneTimeLink.New()).fill("/owner", "name", "Eve").sees(403, "That did not work")
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
