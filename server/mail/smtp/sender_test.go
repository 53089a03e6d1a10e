package smtp_test

import (
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	netmail "net/mail"
	"strings"
	"testing"

	"github.com/emersion/go-sasl"
	gosmtp "github.com/emersion/go-smtp"

	"github.com/aichat-term/aichat/server/fault"
)

const beyond = "smtp://aichat:s3cret%2Fword@" + host

// How a letter gets through, encrypted and with a password wherever there is a
// network between.
func TestWaysThrough(t *testing.T) {
	t.Parallel()
	plain, loginOnly := []string{sasl.Plain, sasl.Login}, []string{sasl.Login}
	for _, tc := range []struct {
		name, url string
		wrapped   bool
		set       func(*peer)
		encrypted bool
		user      string
	}{
		{"STARTTLS and PLAIN", beyond, false, func(p *peer) { p.mechanisms = plain }, true, user},
		{"STARTTLS and LOGIN", beyond, false, func(p *peer) { p.mechanisms = loginOnly }, true, user},
		{"STARTTLS, nobody asks who", "smtp://" + host, false, nil, true, ""},
		{"TLS from the first byte", "smtps://aichat:s3cret%2Fword@" + host, true, func(p *peer) { p.mechanisms = plain }, true, user},
		{"this machine, in the open", "smtp://localhost", false, func(p *peer) { p.TLSConfig = nil }, false, ""},
		{"this machine, PLAIN in the open", "smtp://aichat:s3cret%2Fword@127.0.0.1", false,
			func(p *peer) { p.TLSConfig, p.mechanisms, p.AllowInsecureAuth = nil, plain, true }, false, user},
		{"this machine, LOGIN in the open", "smtp://aichat:s3cret%2Fword@[::1]:25", false,
			func(p *peer) { p.TLSConfig, p.mechanisms, p.AllowInsecureAuth = nil, loginOnly, true }, false, user},
		{"this machine, its own certificate", "smtp://localhost", false, nil, true, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tc.wrapped, tc.set)
			if err := sender(t, tc.url, p.listener, p.roots).Send(t.Context(), letter); err != nil {
				t.Fatal(err)
			}
			got := p.only(t)
			if got.from != "aichat@example.org" || got.to != letter.To || got.user != tc.user || got.encrypted != tc.encrypted {
				t.Errorf("it arrived from %q to %q, user %q, encrypted %v", got.from, got.to, got.user, got.encrypted)
			}
		})
	}
}

// What must never happen for the sake of a letter.
func TestRefusesToSpeak(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, url string
		wrapped   bool
		strangers bool // the certificate is by nobody we know
		set       func(*peer)
	}{
		{"no STARTTLS", beyond, false, false, func(p *peer) { p.TLSConfig, p.mechanisms, p.AllowInsecureAuth = nil, []string{sasl.Plain}, true }},
		{"a stranger's certificate", beyond, false, true, func(p *peer) { p.mechanisms = []string{sasl.Plain} }},
		{"a stranger's certificate, wrapped", "smtps://" + host, true, true, nil},
		{"another host's certificate", "smtp://elsewhere.example.test", false, false, nil},
		{"another host's certificate, this machine, wrapped", "smtps://localhost", true, false, nil},
		{"wrapped against open", "smtps://" + host, false, false, nil},
		{"no AUTH where we have a password", beyond, false, false, nil},
		{"a way of AUTH that we do not have", beyond, false, false, func(p *peer) { p.mechanisms = []string{"GSSAPI"} }},
		{"a wrong password", "smtp://aichat:s3cret-no@" + host, false, false, func(p *peer) { p.mechanisms = []string{sasl.Plain} }},
		{"a password is asked for", "smtp://" + host, false, false, func(p *peer) { p.authRequired = true }},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, tc.wrapped, tc.set)
			roots := p.roots
			if tc.strangers {
				_, roots = certify(t)
			}
			err := sender(t, tc.url, p.listener, roots).Send(t.Context(), letter)
			if !fault.Is(err, fault.Unavailable) {
				t.Errorf("it ends with %v, want a fault that an operator can mend", err)
			}
			quiet(t, err)
			p.none(t)
		})
	}
}

// Refusals: only of the recipient or the content, and only from 500 on, are they
// for ever.
func TestRefusals(t *testing.T) {
	t.Parallel()
	refuse := func(code int) error { return &gosmtp.SMTPError{Code: code, Message: "Not this one"} }
	for _, tc := range []struct {
		name string
		set  func(*peer)
		want fault.Kind
	}{
		{"sender, for now", func(p *peer) { p.mail = refuse(451) }, fault.Unavailable},
		{"sender, for good", func(p *peer) { p.mail = refuse(550) }, fault.Unavailable},
		{"recipient, for now", func(p *peer) { p.rcpt = refuse(450) }, fault.Unavailable},
		{"recipient, for good", func(p *peer) { p.rcpt = refuse(550) }, fault.Invalid},
		{"recipient wants a password", func(p *peer) { p.rcpt = refuse(530) }, fault.Unavailable},
		{"content, for now", func(p *peer) { p.data = refuse(452) }, fault.Unavailable},
		{"content, for good", func(p *peer) { p.data = refuse(554) }, fault.Invalid},
		{"too large", func(p *peer) { p.MaxMessageBytes = 10 }, fault.Invalid},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			p := start(t, false, tc.set)
			err := sender(t, "smtp://"+host, p.listener, p.roots).Send(t.Context(), letter)
			if !fault.Is(err, tc.want) {
				t.Errorf("%v, want %v", err, tc.want)
			}
			p.none(t)
		})
	}
}

// The letter as it travels.
func TestMessage(t *testing.T) {
	t.Parallel()
	p := start(t, false, nil)
	if err := sender(t, "smtp://"+host, p.listener, p.roots).Send(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(strings.NewReader(p.only(t).body))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"From": `"Aichat" <aichat@example.org>`, "To": "<ada@example.com>", "Message-Id": "<job-7@example.org>",
		"Date": "Mon, 23 Nov 2026 09:30:00 +0000", "Auto-Submitted": "auto-generated", "Mime-Version": "1.0",
		"User-Agent": "", "X-Mailer": "", "Bcc": "", "Cc": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil || subject != letter.Subject {
		t.Errorf("subject %q, %v", subject, err)
	}
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("content type %q, %v", kind, err)
	}
	parts := multipart.NewReader(m.Body, parameters["boundary"])
	for _, want := range []struct{ kind, text string }{
		{"text/plain; charset=UTF-8", letter.Text}, {"text/html; charset=UTF-8", letter.HTML},
	} {
		part, err := parts.NextRawPart()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(quotedprintable.NewReader(part))
		if got := strings.ReplaceAll(string(b), "\r\n", "\n"); err != nil || got != want.text {
			t.Errorf("%s: %q, %v; want %q", want.kind, got, err, want.text)
		}
		if got := part.Header.Get("Content-Type"); got != want.kind {
			t.Errorf("a part of type %q, want %q", got, want.kind)
		}
	}
	if _, err := parts.NextRawPart(); err != io.EOF {
		t.Errorf("after both parts: %v", err)
	}
}

// Nothing in a letter writes headers or commands of its own, even if nobody has
// looked at it before.
func TestHeaderInjection(t *testing.T) {
	t.Parallel()
	for _, field := range []string{"subject", "to", "text", "name"} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			p := start(t, false, nil)
			const attack = "x\r\nBcc: all@example.com\r\n\r\n.\r\nMAIL FROM:<evil@example.com>\r\n"
			m := letter
			switch field {
			case "subject":
				m.Subject = attack
			case "to":
				m.To = "ada@example.com>\r\nRCPT TO:<all@example.com"
			case "text":
				m.Text = attack
			case "name":
				m.ID = "x>\r\nBcc: all@example.com\r\n<y"
			}
			if err := sender(t, "smtp://"+host, p.listener, p.roots).Send(t.Context(), m); err != nil {
				p.none(t)
				return // refused: just as well
			}
			got := p.only(t)
			parsed, err := netmail.ReadMessage(strings.NewReader(got.body))
			if err != nil {
				t.Fatal(err)
			}
			if bcc := parsed.Header.Get("Bcc"); bcc != "" || got.from != "aichat@example.org" || got.to != "ada@example.com" {
				t.Errorf("it went from %q to %q, Bcc %q:\n%s", got.from, got.to, bcc, got.body)
			}
		})
	}
}
