package smtp

import (
	"errors"
	"slices"
	"strings"

	gomail "github.com/wneessen/go-mail/smtp"
)

// login is a name and a password, given in the best way that the server offers.
type login struct {
	server server
	way    gomail.Auth // chosen by Start
}

// errNoWay: the server may offer others, such as tokens, or none before TLS.
var errNoWay = errors.New("the server offers neither SCRAM-SHA-256 nor PLAIN nor LOGIN")

// Start implements smtp.Auth. A password is shown to the server itself only
// where nobody else can see it.
func (l *login) Start(info *gomail.ServerInfo) (way string, first []byte, err error) {
	offered := func(name string) bool {
		return slices.ContainsFunc(info.Auth, func(o string) bool { return strings.EqualFold(o, name) })
	}
	user, password, open := l.server.user, l.server.password, l.server.loopback
	switch {
	case offered("SCRAM-SHA-256"):
		l.way = gomail.ScramSHA256Auth(user, password)
	case offered("PLAIN"):
		l.way = gomail.PlainAuth("", user, password, info.Name, open)
	case offered("LOGIN"):
		l.way = gomail.LoginAuth(user, password, info.Name, open)
	default:
		return "", nil, errNoWay
	}
	return l.way.Start(info)
}

// Next implements smtp.Auth.
func (l *login) Next(challenge []byte, more bool) ([]byte, error) { return l.way.Next(challenge, more) }
