package mail_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

func TestFrom(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"aichat@example.com":                `<aichat@example.com>`,
		"Aichat <Chat@example.com>":         `"Aichat" <Chat@example.com>`,
		`"Aichat, Inc." <chat@example.com>`: `"Aichat, Inc." <chat@example.com>`,
		"aichat@localhost":                  `<aichat@localhost>`,
		"a@bücher.example":                  `<a@xn--bcher-kva.example>`,
	} {
		got, err := mail.From(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: %v, %v; want %s", text, got.String(), err, want)
		}
	}
	for _, text := range []string{"", "aichat", "a@b.de, c@d.de", "Aichat <a@b.de>\r\nBcc: c@d.de", `"a b"@example.com`, "ä@example.com", "a@[127.0.0.1]"} {
		if got, err := mail.From(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
}
