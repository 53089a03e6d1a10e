package logged_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/mail/logged"
)

func TestLogHoldsNoSecret(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC)
	for _, letter := range []mail.Letter{
		mail.Code{To: "ada@example.com", Server: "https://chat.example.com", Code: "918273", At: at, Expires: at.Add(time.Minute)}.Letter(),
		mail.Invitation{To: "ada@example.com", Server: "https://chat.example.com", Link: "https://chat.example.com/918273"}.Letter(),
	} {
		m, err := letter.Render()
		if err != nil {
			t.Fatal(err)
		}
		var log bytes.Buffer
		if err := logged.New(slog.New(slog.NewTextHandler(&log, nil))).Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		got := log.String()
		for _, want := range []string{"letter=" + letter.Name, "to=ada@example.com", "level=WARN"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the log does not say %s: %s", letter.Name, want, got)
			}
		}
		for _, secret := range []string{"918273", "918 273", "https://"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: the log tells %s: %s", letter.Name, secret, got)
			}
		}
	}
}
