package web_test

import (
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/aichat-term/aichat/server/signin"
)

// The whole way with the keyboard alone and without JavaScript, on a phone and on
// a desk, light and dark: from the code to the permission.
func TestTheKeyboardAloneIsEnough(t *testing.T) {
	t.Parallel()
	for _, sc := range screens {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, withProvider(t), func(_ string, o *signin.PageOptions) { o.URL = "http://chat.example.com" })
			w.waits(thinkpad)
			s := w.seat(sc)

			s.goes("/device", "Enter your code")
			s.shoot("1-device")
			s.tabTo("#user_code")
			s.types("xxxx"+kb.Enter, "Error: Enter your code")
			s.shoot("2-device-error")
			s.tabTo("#user_code")
			s.retypes("bcdfghjk"+kb.Enter, "Sign in")
			s.shoot("3-signin")
			s.tabTo("#email")
			s.types("ada@example.com"+kb.Enter, "Check your mail")
			s.shoot("4-code")
			s.tabTo("#code")
			s.types("000000"+kb.Enter, "Error: Check your mail")
			s.shoot("5-code-error")
			s.tabTo("#code")
			s.retypes(w.letter("code", "ada@example.com").Data["code"]+kb.Enter, "Is this you?")
			s.shoot("6-confirm")
			s.tabTo("[value=allow]")
			s.shoot("6-confirm-focus")
			s.types(kb.Enter, "You are signed in")
			s.shoot("7-allowed")
			if got := w.device().State; got != signin.Approved {
				t.Errorf("the program is %s", got)
			}
			s.goes("/account", "Your account")
			s.shoot("8-account")
		})
	}
}

// The way to a provider and back, in a browser that holds the pages to their
// policy: it is a provider of another origin, to which no form may lead.
func TestAProviderByKeyboard(t *testing.T) {
	t.Parallel()
	w := newWorld(t, withProvider(t))
	w.waits(thinkpad)
	s := w.seat(screens[0])
	s.goes("/device?user_code=bcdfghjk", "Enter your code")
	s.tabTo("#user_code")
	s.types(kb.Enter, "Sign in")
	s.tabTo("[action='/signin/example'] button")
	s.types(kb.Enter, "Login")
	s.tabTo("[name=username]")
	s.do("type a name", chromedp.KeyEvent("test-user@localhost"+kb.Tab+"verysecure"))
	s.types(kb.Enter, "Is this you?")
	s.tabTo("[value=deny]")
	s.types(kb.Enter, "Turned down")
	if got := w.device().State; got != signin.Denied {
		t.Errorf("the program is %s", got)
	}
}

// What a screen reader says, in the order in which it says it.
func TestReadingOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t, with("one"))
	w.waits(thinkpad)
	s := w.seat(screens[0])
	s.hears("/signin?return=/device/confirm?user_code=BCDF-GHJK", "Sign in",
		said{"heading", "Sign in", ""},
		said{"button", "Continue with ONE", ""},
		said{"textbox", "E-mail address", "We send you a code of six digits. There is no password."},
		said{"button", "Send me a code", ""})
	s.tabTo("#email")
	s.types("nobody@localhost"+kb.Enter, "Error: Sign in")
	s.says("the sign-in page with a problem",
		said{"heading", "Sign in", ""},
		said{"button", "Continue with ONE", ""},
		said{"alert", "", ""},
		said{"textbox", "E-mail address", "We send you a code of six digits. There is no password. That is not an e-mail address we can write to; it looks like name@example.com."},
		said{"button", "Send me a code", ""})
	s.tabTo("#email")
	s.retypes("ada@example.com"+kb.Enter, "Check your mail")
	s.says("the page for the code",
		said{"heading", "Check your mail", ""},
		said{"textbox", "Code from the e-mail", ""},
		said{"button", "Sign in", ""},
		said{"link", "begin again", ""})
	if got := ask[string](s, "document.activeElement.autocomplete"); got != "one-time-code" {
		t.Errorf("the field is filled with %q", got)
	}
	s.types(w.code("ada@example.com")+kb.Enter, "Is this you?")
	s.says("the question",
		said{"heading", "Is this you?", ""},
		said{"term", "Device", ""}, said{"definition", "", ""},
		said{"term", "Program", ""}, said{"definition", "", ""},
		said{"term", "Asked from", ""}, said{"definition", "", ""},
		said{"term", "Asked", ""}, said{"definition", "", ""},
		said{"button", "Allow", ""},
		said{"button", "Deny", ""},
		said{"button", "Sign out", ""})
}

func (s *seat) hears(where, title string, want ...said) {
	s.t.Helper()
	s.goes(where, title)
	s.says(where, want...)
}

func (s *seat) says(what string, want ...said) {
	s.t.Helper()
	if got := s.heard(); !slices.Equal(got, want) {
		s.t.Errorf("%s says\n\t%q\nnot\n\t%q", what, got, want)
	}
}
