package tui_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/theme"
	"github.com/aichat-term/aichat/tui/tuitest"
)

const page = "https://chat.example.com/device?user_code=BCDF-GHJK"

// login is a Login whose person decides when the test says so.
type login struct {
	fake    *tuitest.Fake
	decided chan error
	ended   chan struct{} // closed when nobody waits any more
}

func newLogin(f *tuitest.Fake) *login {
	return &login{fake: f, decided: make(chan error, 1), ended: make(chan struct{})}
}

func (l *login) BeginLogin(context.Context) (tui.LoginCode, error) {
	return tui.LoginCode{URL: page, Code: "BCDF-GHJK"}, nil
}

func (l *login) AwaitLogin(ctx context.Context) error {
	defer close(l.ended)
	select {
	case err := <-l.decided:
		if err == nil {
			l.fake.SetDown(nil)
		}
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

var signedOut = &tui.Failure{Code: wire.Unauthenticated, Text: "You are not signed in."}

// signInScreen is a screen whose server wants a sign-in.
func signInScreen(t *testing.T, width, height int, openURL func(context.Context, string) error) (*login, *tuitest.Driver) {
	t.Helper()
	f := library()
	f.SetDown(signedOut)
	l := newLogin(f)
	d := tuitest.Drive(t, tui.Options{Backend: f, Login: l, OpenURL: openURL}, width, height)
	d.UntilShown("BCDF-GHJK")
	return l, d
}

func TestGoldenSignIn(t *testing.T) {
	t.Parallel()
	for _, size := range [][2]int{{80, 24}, {160, 50}} {
		for _, look := range []string{"dark", "light"} {
			d := dialog.NewSignIn(theme.New(theme.Options{Light: look == "light"}))
			d.Show(page, "BCDF-GHJK")
			view := strings.Join(d.View(size[0]-2, size[1]-3), "\n")
			if !strings.Contains(view, " "+page+" ") {
				t.Errorf("the address is not on one line:\n%s", view)
			}
			goldenText(t, fmt.Sprintf("signin-%dx%d-%s", size[0], size[1], look), view+"\n")
		}
	}
}

// TestSignInCarriesOn has the screen be as if nothing had been, afterwards.
func TestSignInCarriesOn(t *testing.T) {
	t.Parallel()
	l, d := signInScreen(t, 120, 40, nil)
	l.decided <- nil
	d.UntilGone("BCDF-GHJK")
	d.UntilShown("You are signed in.")
	d.UntilShown("Supper for six")
}

// TestSignInOpensAndFails tells what became of the browser and of the sign-in.
func TestSignInOpensAndFails(t *testing.T) {
	t.Parallel()
	opened := make(chan string, 2)
	fail := errors.New("no display")
	l, d := signInScreen(t, 100, 30, func(_ context.Context, url string) error { opened <- url; return fail })
	d.Key("o")
	d.UntilShown("no display")
	if got := <-opened; got != page {
		t.Errorf("%s was opened", got)
	}
	l.decided <- &tui.Failure{Text: "The sign-in was turned down on the page."}
	d.UntilShown("turned down on the page")
}

// TestSignInIsLeft ends what waits, and leaves the screen to be used.
func TestSignInIsLeft(t *testing.T) {
	t.Parallel()
	l, d := signInScreen(t, 80, 24, nil)
	d.Key("o")
	d.UntilShown("no browser here")
	d.Key("esc")
	<-l.ended
	if s := d.Screen(); strings.Contains(s, "BCDF-GHJK") {
		t.Error(s)
	}
}

// What a server calls its page and its code steers no terminal, also outside the
// screen.
func TestPrintedPageIsText(t *testing.T) {
	t.Parallel()
	p := tui.Printed(page+"\u009b2J", "BCDF\x1b]0;x\a-GHJK")
	var out strings.Builder
	p.SetStdin(strings.NewReader("\n"))
	p.SetStdout(&out)
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsAny(out.String(), "\x1b\a\u009b") || !strings.Contains(out.String(), page) {
		t.Errorf("%q", out.String())
	}
}
