package web_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

var thinkpad = signin.Device{Client: "aichat-cli", Name: "ada-thinkpad", Version: "aichat 0.3.1", Address: "203.0.113.9"}

// A program waits; a person enters its code, signs in at an OpenID Connect
// provider with PKCE, compares and allows.
func TestAProgramIsLetInThroughAProvider(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where, withProvider(t))
		w.waits(thinkpad)
		p := w.person()
		p.open("/device").sees(200, "Enter your code")
		p.fill("/device", "user_code", "bcdf ghjk").sees(200, "Sign in", "BCDF-GHJK", "Continue with Example")
		p.atProvider()
		p.sees(200, "Is this you?", "BCDF-GHJK", "ada-thinkpad", "aichat 0.3.1", "203.0.113.9", "Another network than this browser’s", "a minute ago", "Test User", "delete your account")
		if got := w.device().State; got != signin.Pending {
			t.Fatalf("before anybody decided it is %s", got)
		}
		p.fill("/device/confirm", "decision", "allow").sees(200, "You are signed in", "You can close this page and go back to your terminal.")
		user := w.users()[0]
		if d := w.device(); d.State != signin.Approved || d.User != user.ID {
			t.Errorf("the program is %s by %s", d.State, d.User)
		}
		if user.Email != "test-user@zitadel.ch" || user.Name != "Test User" {
			t.Errorf("the user is %+v", user)
		}
		w.letter("welcome", user.Email)
		if l := w.letter("new_session", user.Email); l.Data["device"] != "ada-thinkpad" {
			t.Errorf("the letter about the session says %v", l.Data)
		}
	})
}

// atProvider signs in at zitadel's example provider, from the sign-in page on.
func (p *person) atProvider() *person {
	p.t.Helper()
	p.fill("/signin/example").sees(200, "Going to Example")
	p.open(p.onward())
	return p.fill("/login/username", "username", "test-user@localhost", "password", "verysecure")
}

// onward is where the page sends the browser by itself.
func (p *person) onward() string {
	p.t.Helper()
	_, rest, ok := strings.Cut(p.page.source, `http-equiv="refresh" content="0;url=`)
	to, _, end := strings.Cut(rest, `"`)
	if !ok || !end {
		p.t.Fatalf("the page %q goes nowhere:\n%s", p.page.title, p.page.source)
	}
	return html.UnescapeString(to)
}

func TestAProgramIsTurnedDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.waits(thinkpad)
	p := w.person()
	p.signIn("ada@example.com").sees(200, "Your account")
	p.open("/device?user_code=BCDFGHJK").fill("/device").sees(200, "Is this you?")
	p.fill("/device/confirm", "decision", "deny").sees(200, "Turned down", "The program was not let in.")
	if got := w.device().State; got != signin.Denied {
		t.Errorf("it is %s", got)
	}
	p.open("/device/confirm?user_code=BCDF-GHJK").sees(404, "Error: Enter your code", "No sign-in waits under that code.")
}

func TestSigningInByEmail(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.waits(thinkpad)
	p := w.person()
	p.open("/device/confirm?user_code=BCDF-GHJK").sees(200, "Sign in", "BCDF-GHJK")
	p.fill("/signin/email", "email", " Ada@Example.COM ").sees(200, "Check your mail", "ada@example.com")
	p.fill("/signin/email/code", "code", "12345").sees(422, "Error: Check your mail", "six digits")
	p.fill("/signin/email/code", "code", w.letter("code", "ada@example.com").Data["code"]).sees(200, "Is this you?", "ada")
	p.open("/account").sees(200, "Your account", "ada@example.com", "E-mail")
	p.fill("/signout").sees(200, "Signed out")
	p.open("/account").sees(200, "Sign in")

	again := w.person()
	again.signIn("ada@example.com").sees(200, "Your account")
	if n := len(w.users()); n != 1 {
		t.Errorf("there are %d users", n)
	}
}

func TestTheFirstOwner(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where, func(_ string, o *signin.PageOptions) { o.Email, o.Policy = false, signin.Policy{} })
		w.person().open("/signin").sees(200, "Sign in", "No way to sign in is set up", "aichat-server users owner")
		link := w.ownerLink()
		for range 3 { // mail filters and previews
			w.person().open(link).sees(200, "Welcome, owner", "has no owner yet")
		}
		p := w.person()
		p.open(link).fill("/owner", "name", " ").sees(422, "Error: Welcome, owner", "want to be called")
		p.fill("/owner", "name", "Ada").sees(200, "Your account", "Ada", "You administer this server", "None but the owner")
		w.person().open(link[:len(link)-1]).sees(403, "That did not work") // cut off in copying
		w.person().open(link).fill("/owner").sees(403, "That did not work", "has been used")

		// The next link is for the one who is the owner already.
		other := w.person()
		other.open(w.ownerLink()).sees(200, "Welcome, owner", "signs you in as the owner")
		other.fill("/owner", "name", "Mallory").sees(200, "Your account", "Ada")
		if n := len(w.users()); n != 1 {
			t.Errorf("there are %d users", n)
		}
	})
}

func (w *world) ownerLink() string {
	w.t.Helper()
	link, _, err := w.pages.OwnerLink(w.t.Context(), "operator", "")
	if err != nil {
		w.t.Fatal(err)
	}
	return "/owner?" + url.Values{"link": {link}}.Encode()
}

func TestLinkingAnotherIdentity(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, where database) {
		w := newWorldOn(t, where, withProvider(t))
		p := w.person()
		p.signIn("ada@example.com").sees(200, "Your account", "Add Example")
		before := p.cookie()
		p.atProvider().sees(200, "Your account", "E-mail", "test-user@zitadel.ch")
		if p.cookie() != before {
			t.Error("linking replaced the session")
		}
		user := w.users()[0]
		if got := w.identities(user.ID); len(got) != 2 {
			t.Fatalf("the identities are %+v", got)
		}

		// It leads to the same user from now on.
		q := w.person()
		q.open("/signin").atProvider().sees(200, "Your account", "ada@example.com")

		// And it cannot be somebody else's as well.
		r := w.person()
		r.signIn("bob@example.com").atProvider().sees(409, "That did not work", "belongs to another account")

		p.fill("/account/unlink").sees(200, "Your account")
		if got := w.identities(user.ID); len(got) != 1 {
			t.Errorf("after one was removed they are %+v", got)
		}
		want := []identity.What{identity.SignedUp, identity.SignedIn, identity.IdentityLinked, identity.SignedIn,
			identity.SignedUp, identity.SignedIn, identity.SignInRefused, identity.IdentityRemoved}
		for i, e := range w.events() {
			if i >= len(want) || e.What != want[i] || e.Address != "127.0.0.1" {
				t.Errorf("event %d is %s from %s (%s)", i, e.What, e.Address, e.Detail)
			}
		}
	})
}
