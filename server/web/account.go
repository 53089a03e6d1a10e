package web

import (
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// self is what the account page shows.
type self struct {
	signin.Account
	Linked []linked
	More   ways // to sign in that are not linked yet
}

// linked is an identity in words.
type linked struct {
	Title, Detail   string
	Issuer, Subject string
	Last            bool // the only one, which stays
}

// account shows who is signed in.
func account(x *exchange) error {
	if !x.visit.SignedIn() {
		return x.goTo("/signin", url.Values{returnField: {signin.HomePath}})
	}
	who, err := x.o.Pages.Account(x.r.Context(), x.visit)
	if fault.Is(err, fault.NotFound) { // the user is gone
		return signOut(x)
	}
	if err != nil {
		return err
	}
	s := self{Account: who, More: x.ways(signin.HomePath)}
	for _, e := range who.Identities {
		s.Linked = append(s.Linked, x.linked(e, len(who.Identities) == 1))
	}
	return x.render(http.StatusOK, "account", sheet{Title: "Your account", Data: s})
}

func (x *exchange) linked(e identity.External, last bool) linked {
	l := linked{Title: issuerTitle(e.Issuer), Detail: e.Email, Issuer: e.Issuer, Subject: e.Subject, Last: last}
	if l.Detail == "" {
		l.Detail = e.Subject
	}
	return l
}

// issuerTitle is what people call an issuer.
func issuerTitle(issuer string) string {
	switch issuer {
	case identity.EmailIssuer:
		return "E-mail"
	case "https://accounts.google.com":
		return "Google"
	case "https://github.com":
		return "GitHub"
	}
	if host := hostOf(issuer); host != "" {
		return host
	}
	return issuer
}

// unlink takes an identity away.
func unlink(x *exchange) error {
	if err := x.signedIn(); err != nil {
		return err
	}
	if err := x.o.Pages.Unlink(x.r.Context(), x.visit, x.form("issuer"), x.form("subject")); err != nil {
		return err
	}
	return x.goTo(signin.HomePath, nil)
}

// signOut ends the browser's session.
func signOut(x *exchange) error {
	if err := x.o.Pages.SignOut(x.r.Context(), x.visit); err != nil {
		return err
	}
	x.dropCookie()
	x.visit.Fresh = false
	return x.render(http.StatusOK, "signedout", sheet{Title: "Signed out"})
}
