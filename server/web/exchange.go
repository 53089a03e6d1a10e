package web

import (
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/visitor"
)

// exchange is one request with the browser that sent it.
type exchange struct {
	*Door
	w     http.ResponseWriter
	r     *http.Request
	visit signin.Visit
}

// action answers an exchange, or returns a fault, which becomes a page.
type action func(*exchange) error

// maxForm is far more than any form of ours holds.
const maxForm = 16 << 10

// page makes a handler of an action: it stands behind the checks that all share.
func (d *Door) page(a action) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		guard(w.Header())
		x := &exchange{Door: d, w: w, r: r}
		err := x.arrive()
		if err == nil {
			err = a(x)
		}
		if err != nil {
			x.fail(err)
		}
	})
}

// arrive finds out which browser it is and whether it may ask this.
func (x *exchange) arrive() (err error) {
	x.r.Body = http.MaxBytesReader(x.w, x.r.Body, maxForm)
	if err := x.r.ParseForm(); err != nil {
		return unreadable(err)
	}
	seen := identity.Seen{Address: visitor.Address(x.r)}
	if x.visit, err = x.o.Pages.Visit(x.r.Context(), x.cookie(), seen); err != nil {
		return err
	}
	if x.r.Method == http.MethodGet || x.r.Method == http.MethodHead {
		return nil
	}
	if err := x.fromOurPage(); err != nil {
		return err
	}
	return x.takeForm()
}

func unreadable(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return fault.Wrap(err, fault.TooLarge, "That form was too long. Go back and fill in less.")
	}
	return fault.Wrap(err, fault.Invalid, "That form could not be read. Go back and send it again.")
}

// form is a field of the posted form; in the address it does not count.
func (x *exchange) form(name string) string { return x.r.PostForm.Get(name) }

// query is a parameter of the address.
func (x *exchange) query(name string) string { return x.r.URL.Query().Get(name) }

// goTo sends the browser to another page, which it asks for with a GET.
func (x *exchange) goTo(path string, params url.Values) error {
	if len(params) > 0 {
		path += "?" + params.Encode()
	}
	x.giveCookie()
	http.Redirect(x.w, x.r, path, http.StatusSeeOther)
	return nil
}

// The cookie's names. A browser takes the first only over https, for this host
// and all of its paths.
const (
	secureCookie = "__Host-aichat"
	plainCookie  = "aichat"
)

func (d *Door) cookieName() string {
	if d.secure {
		return secureCookie
	}
	return plainCookie
}

func (x *exchange) cookie() string {
	c, err := x.r.Cookie(x.cookieName())
	if err != nil {
		return ""
	}
	return c.Value
}

// giveCookie gives the browser its credential if it has another, or none.
func (x *exchange) giveCookie() {
	if x.visit.Fresh {
		x.setCookie(x.visit.Cookie, int(x.visit.ExpiresAt.Sub(x.o.Now())/time.Second))
	}
}

// dropCookie takes it away.
func (x *exchange) dropCookie() { x.setCookie("", -1) }

// setCookie sets the cookie; maxAge is in seconds, and below zero takes it away.
func (x *exchange) setCookie(value string, maxAge int) {
	http.SetCookie(x.w, &http.Cookie{ //nolint:gosec // Secure where the server is reached by https; without it the browser would drop the cookie
		Name: x.cookieName(), Value: value, Path: "/", MaxAge: maxAge,
		Secure: x.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}
