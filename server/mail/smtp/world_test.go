package smtp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/mail/smtp"
)

const (
	user     = "aichat"
	password = "s3cret/word"
)

var now = time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)

// letter is one that has all that a letter may have.
var letter = mail.Message{
	ID: "job-7", Letter: "code", To: "ada@example.com", Subject: "Dein Schlüssel", Text: "Guten Tag,\n\n    123 456\n.\nEnde\n", HTML: "<p>123 456 – für dich</p>",
}

// received is what a server was told.
type received struct {
	from, to, body string
	user           string
	encrypted      bool
}

// peer is a mail server of the test's own, by somebody else's library.
type peer struct {
	*gosmtp.Server
	listener net.Listener
	roots    *x509.CertPool

	mechanisms   []string // what AUTH offers; none: no AUTH
	mail, rcpt   error    // answers to MAIL, RCPT and the end of DATA
	data         error
	mu           sync.Mutex
	letters      []received
	authRequired bool
}

// session is a connection to a peer.
type session struct {
	peer *peer
	conn *gosmtp.Conn
	got  received
}

func (s *session) AuthMechanisms() []string { return s.peer.mechanisms }

func (s *session) Auth(mechanism string) (sasl.Server, error) {
	check := func(name, word string) error {
		if name != user || word != password {
			return gosmtp.ErrAuthFailed
		}
		s.got.user = name
		return nil
	}
	if mechanism == sasl.Login {
		return &loginServer{check: check}, nil
	}
	return sasl.NewPlainServer(func(_, name, word string) error { return check(name, word) }), nil
}

// loginServer asks for a name, then for a password.
type loginServer struct {
	check func(name, word string) error
	asked []string
}

func (l *loginServer) Next(response []byte) (challenge []byte, done bool, err error) {
	if response != nil {
		l.asked = append(l.asked, string(response))
	}
	switch len(l.asked) {
	case 0:
		return []byte("Username:"), false, nil
	case 1:
		return []byte("Password:"), false, nil
	}
	return nil, true, l.check(l.asked[0], l.asked[1])
}

func (s *session) Mail(from string, _ *gosmtp.MailOptions) error {
	if s.peer.authRequired && s.got.user == "" {
		return &gosmtp.SMTPError{Code: 530, EnhancedCode: gosmtp.EnhancedCode{5, 7, 0}, Message: "Authentication required"}
	}
	s.got.from = from
	return s.peer.mail
}

func (s *session) Rcpt(to string, _ *gosmtp.RcptOptions) error {
	s.got.to = to
	return s.peer.rcpt
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if s.peer.data != nil {
		return s.peer.data
	}
	s.got.body = string(b)
	_, s.got.encrypted = s.conn.TLSConnectionState()
	s.peer.mu.Lock()
	defer s.peer.mu.Unlock()
	s.peer.letters = append(s.peer.letters, s.got)
	return nil
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// host is a name beyond loopback, for which the peer has a certificate.
const host = "mail.example.test"

// start runs a peer; set changes it before.
func start(t *testing.T, wrapped bool, set func(*peer)) *peer {
	t.Helper()
	p := &peer{}
	p.Server = gosmtp.NewServer(gosmtp.BackendFunc(func(c *gosmtp.Conn) (gosmtp.Session, error) {
		return &session{peer: p, conn: c}, nil
	}))
	p.Domain, p.ErrorLog = host, log.New(io.Discard, "", 0)
	certificate, roots := certify(t)
	p.roots = roots
	p.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	if set != nil {
		set(p)
	}
	p.listener = listen(t)
	if wrapped {
		p.listener = tls.NewListener(p.listener, p.TLSConfig)
	}
	done := make(chan error, 1)
	go func() { done <- p.Serve(p.listener) }()
	t.Cleanup(func() {
		_ = p.Close()
		_ = p.listener.Close() // which Close does not know before Serve has begun
		if err := <-done; err != nil && !errors.Is(err, net.ErrClosed) {
			t.Error(err)
		}
	})
	return p
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// certify makes a certificate for the host and its authority.
func certify(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{host}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// sender sends to whoever listens there, whatever host the URL names.
func sender(t *testing.T, url string, l net.Listener, roots *x509.CertPool) *smtp.Sender {
	t.Helper()
	s, err := smtp.New(smtp.Options{
		URL: url, From: "Aichat <aichat@example.org>", Roots: roots, Timeout: time.Minute, Now: func() time.Time { return now },
		Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, l.Addr().String())
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// only is the one letter that has arrived.
func (p *peer) only(t *testing.T) received {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.letters) != 1 {
		t.Fatalf("%d letters arrived, want one", len(p.letters))
	}
	return p.letters[0]
}

func (p *peer) none(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.letters) != 0 {
		t.Errorf("%d letters arrived, want none: %+v", len(p.letters), p.letters)
	}
}

// quiet fails if an error tells the password.
func quiet(t *testing.T, err error) {
	t.Helper()
	if err != nil && strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error tells the password: %v", err)
	}
}
