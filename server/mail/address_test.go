package mail_test

import (
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

func TestAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"ada@example.com":                      "ada@example.com",
		"  Ada.Lovelace@Example.COM\t":         "ada.lovelace@example.com",
		"o'brien+tag_1-x@mail.example.com":     "o'brien+tag_1-x@mail.example.com",
		"a@bücher.example":                     "a@xn--bcher-kva.example",
		"a@BÜCHER.example":                     "a@xn--bcher-kva.example",
		"a@bu\u0308cher.example":               "a@xn--bcher-kva.example",
		"a@xn--bcher-kva.example":              "a@xn--bcher-kva.example",
		"a@例え.テスト":                             "a@xn--r8jz45g.xn--zckzah",
		strings.Repeat("a", 64) + "@b.de":      strings.Repeat("a", 64) + "@b.de",
		"a@" + strings.Repeat("b", 63) + ".de": "a@" + strings.Repeat("b", 63) + ".de",
	} {
		got, err := mail.Address(text)
		if err != nil || got != want {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
		if again, err := mail.Address(got); err != nil || again != got {
			t.Errorf("%q: read again it is %q, %v", got, again, err)
		}
	}
}

var noAddresses = []string{
	"", " ", "@", "ada", "ada@", "@example.com", "ada@example.com@example.com",
	// Headers of one's own.
	"ada@example.com\r\nBcc: all@example.com", "ada@example.com\nSubject: hello", "ada\r@example.com",
	"ada@example.com\x00", "ada\x7f@example.com", "ada@exam\tple.com", "ada@example.com\u2028x", "ada@example.com\u0085x",
	// Several, or with a name.
	"ada@example.com, bob@example.com", "ada@example.com bob@example.com", "ada@example.com;bob@example.com",
	"Ada <ada@example.com>", "<ada@example.com>", "friends: ada@example.com, bob@example.com;",
	// What SMTP allows and nobody has.
	`"ada"@example.com`, `"ada lovelace"@example.com`, `ada\@b@example.com`, "ada(comment)@example.com",
	"ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@127.0.0.1", "ada@localhost", "ada@example.com.", "ada@.example.com", "ada@example..com",
	"ada@-example.com", "ada@exa_mple.com", ".ada@example.com", "ada.@example.com", "a..da@example.com",
	"ada@" + strings.Repeat("b", 64) + ".de", strings.Repeat("a", 65) + "@b.de",
	"a@" + strings.Repeat(strings.Repeat("b", 60)+".", 5) + "de",
	"=?utf-8?q?ada?=@example.com\n", "аda@example.com", "a\u200bda@example.com", "ada@exa\u202emple.com", "ada\xff@example.com",
	"ada@example.com%0aBcc:all@example.com", "ada@example.123",
}

func TestNoAddress(t *testing.T) {
	t.Parallel()
	for _, text := range noAddresses {
		got, err := mail.Address(text)
		if !fault.Is(err, fault.Invalid) || got != "" {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "Bcc") {
			t.Errorf("%q: the fault repeats it", text)
		}
	}
}

// Whatever the text: what is taken is one line of ASCII with one @, and stays
// what it is.
func FuzzAddress(f *testing.F) {
	for _, text := range noAddresses {
		f.Add(text)
	}
	f.Add("Ada@Bücher.example")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := mail.Address(text)
		if err != nil {
			return
		}
		for _, r := range got {
			if r <= ' ' || r >= 0x7f || strings.ContainsRune(`"(),:;<>[\]`, r) {
				t.Fatalf("%q: %q holds %q", text, got, r)
			}
		}
		if strings.Count(got, "@") != 1 || len(got) > 254 || got != strings.ToLower(got) {
			t.Fatalf("%q: %q", text, got)
		}
		if again, err := mail.Address(got); err != nil || again != got {
			t.Fatalf("%q: %q, then %q, %v", text, got, again, err)
		}
	})
}
