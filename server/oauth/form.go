package oauth

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

// form is the parameters of a request. One that is missing is empty, and one
// without a value is missing (RFC 6749, section 3.2).
type form map[string]string

// formLimit is the largest body, in bytes: many times what a program sends.
const formLimit = 16 << 10

// formTime is how long a client may take to send it.
const formTime = 10 * time.Second

// readForm reads the parameters from the body of a POST, and from nowhere else:
// what stands in an address ends up in logs.
func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, errMethod
	}
	if r.Header.Get("Authorization") != "" {
		w.Header().Set("WWW-Authenticate", `Basic realm="aichat"`) // RFC 6749, section 5.2
		return nil, errSecret
	}
	if r.URL.RawQuery != "" {
		return nil, errQuery
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, errContentType
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(formTime)) // not every writer has deadlines: a recorder in a test
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, formLimit))
	_ = control.SetReadDeadline(time.Time{})
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return nil, errLarge
	}
	if err != nil {
		return nil, errBody
	}
	return parseForm(string(body))
}

// parseForm reads a form. A parameter that stands there twice is refused: which
// of the two counts is a matter on which programs differ.
func parseForm(body string) (form, error) {
	if !utf8.ValidString(body) {
		return nil, errEncoding
	}
	values, err := url.ParseQuery(body)
	if err != nil {
		return nil, errEncoding
	}
	f := make(form, len(values))
	for name, all := range values {
		if len(all) > 1 {
			return nil, errTwice
		}
		if !utf8.ValidString(all[0]) || strings.Contains(all[0], "\x00") {
			return nil, errEncoding
		}
		f[name] = all[0]
	}
	return f, nil
}

// missing is the refusal of a request without one of the parameters; nil: they
// are all there.
func (f form) missing(names ...string) error {
	for _, name := range names {
		if f[name] == "" {
			return invalid("The parameter " + name + " is missing.")
		}
	}
	return nil
}
