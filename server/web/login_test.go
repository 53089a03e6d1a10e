package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
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
