package web_test

import (
	"testing"

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
			w := newWorld(t, withProvider(t))
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
