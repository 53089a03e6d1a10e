package mail

import (
	"strconv"
	"time"
)

// Code is the letter that brings the code with which somebody signs in by
// e-mail. Its subject does not show the code: mail servers log subjects, and
// locked screens show them.
type Code struct {
	To, Locale string
	Server     string    // its public address
	Code       string    // six digits; a secret
	Address    string    // IP address of the browser that asked; empty: unknown
	At         time.Time // when it was asked for
	Expires    time.Time // when the code ends, and with it the letter
}

// Letter puts it into words.
func (c Code) Letter() Letter {
	return Letter{Name: "code", To: c.To, Locale: c.Locale, Expires: c.Expires, Data: map[string]string{
		"server": c.Server, "code": spaced(c.Code), "address": oneLine(c.Address),
		"minutes": strconv.Itoa(int(c.Expires.Sub(c.At).Minutes())),
	}}
}

// spaced is a code of six digits as it is read aloud: 123 456.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}
