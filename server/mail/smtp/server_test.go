package smtp

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
)

func TestServer(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"smtps://me:s3cret@mail.example.com": "mail.example.com:465", "smtp://[::1]": "[::1]:25",
	} {
		if got := Server(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]server{
		"smtp://mail.example.com":                  {host: "mail.example.com", port: 587},
		"smtp://mail.example.com:2525/":            {host: "mail.example.com", port: 2525},
		"smtps://mail.example.com":                 {host: "mail.example.com", port: 465, wrapped: true},
		"smtp://localhost":                         {host: "localhost", port: 25, loopback: true},
		"smtp://[::1]:1025":                        {host: "::1", port: 1025, loopback: true},
		"smtp://127.1.2.3":                         {host: "127.1.2.3", port: 25, loopback: true},
		"smtps://me%40b.de:p%2Fq%3F@m.example.com": {host: "m.example.com", port: 465, wrapped: true, user: "me@b.de", password: "p/q?"},
		"smtp://localhost.example.com":             {host: "localhost.example.com", port: 587},
	} {
		got, err := parse(text)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v; want %+v", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "mail.example.com", "mail.example.com:587", "http://mail.example.com", "smtp://", "smtp://:587",
		"smtp://me:s3cret@mail.example.com:0", "smtp://me:s3cret@mail.example.com:99999", "smtp://me:s3cret@mail.example.com:x",
		"smtp://me:s3cret@mail.example.com/path", "smtp://me:s3cret@mail.example.com?tls=no", "smtp://me:s3cret@mail.example.com#x",
		"smtp://me:s3/cret@mail.example.com", "smtp://me@mail.example.com", "smtp://:s3cret@mail.example.com", "smtp://me:s3cret%@mail.example.com",
	} {
		if name := Server(text); name != "" {
			t.Errorf("%q: it is called %q", text, name)
		}
		got, err := parse(text)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %+v, %v", text, got, err)
			continue
		}
		if strings.Contains(err.Error(), "s3") || strings.Contains(err.Error(), "cret") {
			t.Errorf("%q: the fault tells the password: %v", text, err)
		}
	}
}
