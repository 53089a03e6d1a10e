package smtp

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	netmail "net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/aichat-term/aichat/server/mail"
)

// Options say how to send.
type Options struct {
	// URL is smtp://USER:PASSWORD@HOST:PORT, where a connection becomes encrypted
	// by STARTTLS before anything is said, or smtps://…, where it is from the
	// first byte. A server on this machine (localhost, 127.0.0.0/8, ::1) may do
	// without. The port is 587, 465 or, on this machine, 25; USER and PASSWORD may
	// be missing. It is a secret.
	URL string

	From    string           // whom letters come from; see mail.From
	Timeout time.Duration    // for all of one letter; zero: 30 s
	Roots   *x509.CertPool   // who vouches for servers; nil: the system's
	Dial    dial             // how to connect; nil: net.Dialer's
	Now     func() time.Time // nil: time.Now
}

// Sender sends through one server. It keeps no connection: letters are few.
type Sender struct {
	server  server
	from    netmail.Address
	domain  string // of from, for the ids of messages
	timeout time.Duration
	roots   *x509.CertPool
	dial    dial
	now     func() time.Time
}

var _ mail.Sender = (*Sender)(nil)

// New reads the options. It speaks to nobody: a server that is away is no reason
// not to start. Its fault repeats nothing of the URL.
func New(o Options) (*Sender, error) {
	server, err := parse(o.URL)
	if err != nil {
		return nil, err
	}
	from, err := mail.From(o.From)
	if err != nil {
		return nil, err
	}
	s := &Sender{server: server, from: from, roots: o.Roots, dial: o.Dial, timeout: cmp.Or(o.Timeout, 30*time.Second), now: o.Now}
	_, s.domain, _ = strings.Cut(from.Address, "@")
	if s.dial == nil {
		s.dial = (&net.Dialer{}).DialContext
	}
	if s.now == nil {
		s.now = time.Now
	}
	return s, nil
}

// Send implements mail.Sender. Once the server has said that it has the message,
// nothing that goes wrong afterwards is a fault: the letter would go out twice.
func (s *Sender) Send(ctx context.Context, m mail.Message) error {
	message, err := s.message(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	err = s.deliver(ctx, message)
	if message.IsDelivered() {
		return nil
	}
	return asFault(ctx, err)
}

// message is the letter as it travels (RFC 5322): the text first, HTML as its
// better alternative. Its id is the same at each try, so that a server or a
// reader may drop the second one. Auto-Submitted (RFC 3834) asks machines not to
// answer.
func (s *Sender) message(m mail.Message) (*gomail.Msg, error) {
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	if err := message.FromFormat(s.from.Name, s.from.Address); err != nil {
		return nil, invalid("The sender's address cannot be used.")
	}
	if err := message.To(m.To); err != nil {
		return nil, invalid("The letter's address cannot be used.")
	}
	message.Subject(m.Subject)
	message.SetMessageIDWithValue(m.ID + "@" + s.domain)
	message.SetDateWithValue(s.now())
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, m.Text)
	message.AddAlternativeString(gomail.TypeTextHTML, m.HTML)
	return message, nil
}

// deliver connects, says the message and goes.
func (s *Sender) deliver(ctx context.Context, message *gomail.Msg) error {
	line := &line{}
	defer line.close()
	client, err := gomail.NewClient(s.server.host, s.clientOptions(ctx, line)...)
	if err != nil {
		return err
	}
	session, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return err
	}
	if err := client.SendWithSMTPClient(session, message); err != nil {
		return err
	}
	line.hurry()
	return client.CloseWithSMTPClient(session)
}

func (s *Sender) clientOptions(ctx context.Context, l *line) []gomail.Option {
	config := s.tlsConfig()
	var wrap *tls.Config
	policy := gomail.TLSMandatory
	switch {
	case s.server.wrapped:
		wrap, policy = config, gomail.NoTLS // there is some already
	case s.server.loopback:
		policy = gomail.TLSOpportunistic
	}
	options := []gomail.Option{
		gomail.WithPort(s.server.port), gomail.WithTimeout(s.timeout), gomail.WithoutNoop(),
		gomail.WithTLSConfig(config), gomail.WithTLSPolicy(policy),
		gomail.WithDialContextFunc(l.through(ctx, s.dial, wrap)),
	}
	if s.server.user != "" {
		options = append(options, gomail.WithSMTPAuthCustom(&login{server: s.server}))
	}
	return options
}

// tlsConfig trusts whom the system trusts. STARTTLS with a server on this machine
// is more than we ask for, and its certificate is one that the installation made:
// nobody stands between.
func (s *Sender) tlsConfig() *tls.Config {
	return &tls.Config{
		ServerName: s.server.host, RootCAs: s.roots, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: s.server.loopback && !s.server.wrapped, //nolint:gosec // G402: see above
	}
}
