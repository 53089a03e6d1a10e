package server

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/mail/logged"
	"github.com/aichat-term/aichat/server/mail/resend"
	"github.com/aichat-term/aichat/server/mail/smtp"
)

// MailConfig is how letters leave the server: the table [mail]. With neither a
// mail server nor a key nobody is written to, and nobody can sign in by e-mail.
type MailConfig struct {
	From      string         `setting:"from" env:"AICHAT_SERVER_MAIL_FROM" unset:"nobody" help:"Whom letters come from, such as: aichat <aichat@example.com>."`
	SMTP      setting.Secret `setting:"smtp" env:"AICHAT_SERVER_MAIL_SMTP" unset:"letters are not sent by SMTP" help:"The mail server, as smtp://USER:PASSWORD@HOST:587 (which must offer STARTTLS unless it is on this machine) or smtps://USER:PASSWORD@HOST; signs like / @ : in the password are written %2F %40 %3A."`
	ResendKey setting.Secret `setting:"resend_key" env:"AICHAT_SERVER_MAIL_RESEND_KEY" unset:"letters are not sent by Resend" help:"A key for Resend, in place of a mail server."`
}

// Sends reports whether letters reach people, and so whether e-mail can be a way
// to sign in.
func (c MailConfig) Sends() bool { return !c.SMTP.Empty() || !c.ResendKey.Empty() }

// Through says who takes the letters: a mail server's name, or a vendor's. Empty:
// nobody does.
func (c MailConfig) Through() string {
	switch {
	case !c.ResendKey.Empty():
		return "Resend"
	case !c.SMTP.Empty():
		return smtp.Server(c.SMTP.Reveal())
	}
	return ""
}

// Check finds what the types do not. Its errors repeat no secret.
func (c MailConfig) Check() error {
	_, err := c.Sender(slog.New(slog.DiscardHandler))
	return err
}

// Sender is what letters are handed to. It speaks to nobody yet.
func (c MailConfig) Sender(log *slog.Logger) (mail.Sender, error) {
	switch {
	case !c.Sends():
		return logged.New(log), nil
	case !c.SMTP.Empty() && !c.ResendKey.Empty():
		return nil, errors.New("mail: smtp and resend_key are both set: only one of them may be")
	}
	if _, err := mail.From(c.From); err != nil {
		return nil, fmt.Errorf("mail.from: %s", fault.Of(err).Public())
	}
	if !c.ResendKey.Empty() {
		s, err := resend.New(resend.Options{Key: c.ResendKey.Reveal(), From: c.From})
		return s, named("mail.resend_key", err)
	}
	s, err := smtp.New(smtp.Options{URL: c.SMTP.Reveal(), From: c.From})
	return s, named("mail.smtp", err)
}

// named says which setting is wrong.
func named(key string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", key, fault.Of(err).Public())
}
