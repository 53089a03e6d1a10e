package web

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"github.com/aichat-term/aichat/server/fault"
)

// policy lets a page load our style sheet and post to us, and nothing else. That
// forms post to us alone is why a provider is gone to from a page of its own (see
// begin): browsers apply form-action to redirects as well.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// guard sets the headers of every page. Under the referrer policy no address of
// ours reaches another site; no-referrer would make the Origin of our own forms
// null.
func guard(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Cache-Control", "no-store")
}

// tokenField is the form field that carries formToken.
const tokenField = "token"

// formToken shows that a form is from a page that this very browser was given.
// It is derived from the cookie, which another site can neither read nor, over
// https, set; it is worth nothing without it.
func formToken(cookie string) string {
	mac := hmac.New(sha256.New, []byte(cookie))
	mac.Write([]byte("form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// fromOurPage refuses what another site sends in the person's name: first by
// what the browser says of itself (Sec-Fetch-Site, Origin), then by the token.
func (x *exchange) fromOurPage() error {
	if err := x.origin.Check(x.r); err != nil {
		return fault.Wrap(err, fault.Forbidden, "That form came from another site, so nothing was done. If you meant it, begin here.")
	}
	if x.visit.Fresh || !hmac.Equal([]byte(x.form(tokenField)), []byte(formToken(x.visit.Cookie))) {
		return fault.New(fault.Forbidden, "That page was open for too long, or your browser keeps no cookies, so nothing was done. Go back, reload the page and try again.")
	}
	return nil
}
