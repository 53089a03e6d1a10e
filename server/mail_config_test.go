package server_test

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/client/setting"
	"github.com/aichat-term/aichat/server"
)

func TestMailConfig(t *testing.T) {
	t.Parallel()
	smtp, key := setting.NewSecret("smtps://me:s3cret@mail.example.com"), setting.NewSecret("re_s3cret")
	const from = "aichat <aichat@example.com>"
	for _, tc := range []struct {
		name   string
		config server.MailConfig
		sends  bool
		kind   string // of the sender
		wrong  string // the setting that is
	}{
		{"nothing", server.MailConfig{}, false, "*logged.Sender", ""},
		{"a sender alone", server.MailConfig{From: from}, false, "*logged.Sender", ""},
		{"a mail server", server.MailConfig{From: from, SMTP: smtp}, true, "*smtp.Sender", ""},
		{"Resend", server.MailConfig{From: from, ResendKey: key}, true, "*resend.Sender", ""},
		{"both", server.MailConfig{From: from, SMTP: smtp, ResendKey: key}, true, "", "mail: smtp and resend_key"},
		{"no sender", server.MailConfig{SMTP: smtp}, true, "", "mail.from"},
		{"two senders", server.MailConfig{From: "a@b.de, c@d.de", ResendKey: key}, true, "", "mail.from"},
		{"no URL", server.MailConfig{From: from, SMTP: setting.NewSecret("s3cret")}, true, "", "mail.smtp"},
	} {
		if got := tc.config.Sends(); got != tc.sends {
			t.Errorf("%s: it sends %v", tc.name, got)
		}
		if got := tc.config.Through(); tc.wrong == "" && (got != "") != tc.sends || strings.Contains(got, "s3cret") {
			t.Errorf("%s: it sends through %q", tc.name, got)
		}
		sender, err := tc.config.Sender(slog.New(slog.DiscardHandler))
		if checked := tc.config.Check(); (checked == nil) != (err == nil) {
			t.Errorf("%s: Check says %v, Sender %v", tc.name, checked, err)
		}
		if tc.wrong != "" {
			if err == nil || !strings.HasPrefix(err.Error(), tc.wrong) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("%s: %v, want one of %s", tc.name, err, tc.wrong)
			}
			continue
		}
		if got := fmt.Sprintf("%T", sender); err != nil || got != tc.kind {
			t.Errorf("%s: %s, %v; want %s", tc.name, got, err, tc.kind)
		}
	}
}
