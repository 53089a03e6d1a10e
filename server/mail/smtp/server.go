package smtp

import (
	"net"
	"net/url"
	"strconv"

	"github.com/aichat-term/aichat/server/fault"
)

// Ports where the URL names none: submission, the same wrapped in TLS (RFC 8314),
// and that of a mail server on this machine.
const (
	submissionPort = 587
	wrappedPort    = 465
	localPort      = 25
)

// server is a mail server as its URL describes it.
type server struct {
	host           string
	port           int
	wrapped        bool // TLS from the first byte
	loopback       bool
	user, password string // both empty: no AUTH
}

// parse reads smtp://USER:PASSWORD@HOST:PORT or smtps://…. The URL holds a
// password, so that no fault repeats it.
func parse(text string) (server, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Hostname() == "" {
		return server{}, invalid("The mail server's address is not a URL like smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST.")
	}
	if u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Fragment != "" {
		return server{}, invalid("The mail server's URL ends after host and port; signs like / ? # in its password are written %2F %3F %23.")
	}
	s := server{host: u.Hostname(), wrapped: u.Scheme == "smtps", loopback: loopback(u.Hostname()), user: u.User.Username()}
	s.password, _ = u.User.Password()
	if (s.user == "") != (s.password == "") {
		return server{}, invalid("The mail server's URL has a user without a password, or the reverse.")
	}
	s.port, err = s.portOf(u.Port())
	return s, err
}

// Server is the host and port that a URL names, without its secrets; empty if it
// names none.
func Server(address string) string {
	s, err := parse(address)
	if err != nil {
		return ""
	}
	return net.JoinHostPort(s.host, strconv.Itoa(s.port))
}

func (s server) portOf(text string) (int, error) {
	switch {
	case text == "" && s.wrapped:
		return wrappedPort, nil
	case text == "" && s.loopback:
		return localPort, nil
	case text == "":
		return submissionPort, nil
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, invalid("The port in the mail server's URL is not a number from 1 to 65535.")
	}
	return int(port), nil
}

// loopback reports whether nothing leaves this machine on the way to the host. A
// name that merely resolves to a loopback address does not count: the name's
// owner could change that.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func invalid(message string) *fault.Error { return &fault.Error{Kind: fault.Invalid, Message: message} }
