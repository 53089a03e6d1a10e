package web

import (
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/signin"
)

// returnField is where to go on after signing in: a parameter and a form field.
// Whatever it says, signin.ReturnPath decides.
const returnField = "return"

// ways are what the page offers, and nothing that is not configured.
type ways struct {
	Providers []way
	Email     bool
	Return    string
	Code      string // of the program that waits, if one does
	Typed     string // an e-mail address that was refused
}

type way struct{ Name, Title string }

// ways lists how one may sign in. Here for a code, it says so.
func (x *exchange) ways(next string) ways {
	w := ways{Email: x.o.Pages.Email, Return: signin.ReturnPath(next)}
	for _, p := range x.o.Pages.Providers {
		w.Providers = append(w.Providers, way{p.Name(), p.Title()})
	}
	if u, err := url.Parse(w.Return); err == nil {
		if code, ok := signin.ParseUserCode(u.Query().Get(codeField)); ok {
			w.Code = code.Shown()
		}
	}
	return w
}

// choose shows the ways to sign in.
func choose(x *exchange) error {
	next := x.query(returnField)
	if x.visit.SignedIn() {
		return x.goTo(signin.ReturnPath(next), nil)
	}
	return x.offer(http.StatusOK, x.ways(next), "")
}

func (x *exchange) offer(status int, w ways, problem string) error {
	s := sheet{Title: "Sign in", Problem: problem, Data: w}
	if problem != "" {
		s.Field = emailField
	}
	return x.render(status, "signin", s)
}

// chooseAgain is for a page that was reloaded, of which only a form can tell
// what it was about.
func chooseAgain(x *exchange) error { return x.goTo("/signin", nil) }

// begin sends the browser to a provider: by a page that goes there, not by a
// redirect, which the page's form-action forbids (see policy).
func begin(x *exchange) error {
	name := x.r.PathValue("provider")
	to, err := x.o.Pages.BeginLogin(x.r.Context(), x.visit, name, x.form(returnField))
	if err != nil {
		return err
	}
	return x.render(http.StatusOK, "leaving", sheet{Title: "Going to " + x.title(name), Onward: to, Data: x.title(name)})
}

func (x *exchange) title(provider string) string {
	for _, p := range x.o.Pages.Providers {
		if p.Name() == provider {
			return p.Title()
		}
	}
	return provider
}

// finish is where a provider sends the browser back to.
func finish(x *exchange) error {
	if err := x.takeForm(); err != nil {
		return err
	}
	e, err := x.o.Pages.FinishLogin(x.r.Context(), x.visit, x.r.PathValue("provider"), signin.Callback{
		State: x.query("state"), Code: x.query("code"), Error: x.query("error"),
	})
	if err != nil {
		return err
	}
	return x.entered(e)
}

// entered leads one who has signed in on.
func (x *exchange) entered(e signin.Entered) error {
	x.visit = e.Visit
	return x.goTo(e.Return, nil)
}

// home leads to where one's account is.
func home(x *exchange) error { return x.goTo(signin.HomePath, nil) }

// signedIn is the fault of a page that is for those who have signed in.
func (x *exchange) signedIn() error {
	if x.visit.SignedIn() {
		return nil
	}
	return fault.New(fault.Unauthenticated, "You are not signed in any more, so nothing was done. Sign in and try again.")
}
