package upstream

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/vault"
)

const maxWords = 300 // characters of a vendor's sentence

// Scrub makes a vendor's sentence fit to be shown and logged: valid UTF-8, one
// line, no control or formatting characters, at most 300 characters, and never
// the key.
func Scrub(words string, key vault.Secret) string {
	words = strings.Map(printable, strings.ToValidUTF8(words, "\ufffd"))
	words = strings.Join(strings.Fields(words), " ")
	if !key.Empty() {
		words = strings.ReplaceAll(words, key.Reveal(), "[key]")
	}
	return shorten(words)
}

// printable maps white space to a space and drops what does not print: control
// characters, and the format characters that reorder or hide text.
func printable(r rune) rune {
	switch {
	case unicode.IsSpace(r):
		return ' '
	case unicode.IsControl(r), unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= maxWords {
		return s
	}
	return string([]rune(s)[:maxWords-1]) + "…"
}

// Text makes a piece of an answer fit to be kept: NUL, which no store takes,
// becomes U+FFFD. Invalid UTF-8 does so too; encoding/json has already replaced
// what came through it.
func Text(s string) string {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\ufffd")
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
