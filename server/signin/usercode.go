package signin

import (
	"crypto/rand"
	"log/slog"
	"strings"
	"unicode"

	"github.com/aichat-term/aichat/server/identity"
)

// UserCode is what a person carries from the program that asks to the page that
// approves (RFC 8628, section 3.2), in its normal form: eight letters. The zero
// UserCode is none.
//
// Twenty consonants spell no words, and none looks like a digit. Eight of them
// are 34.5 bits, which is enough for a code that lives ten minutes only because
// the doors limit how often an address may guess (section 5.1).
type UserCode string

const (
	userCodeLetters = "BCDFGHJKLMNPQRSTVWXZ"
	userCodeLength  = 8

	// userCodeInput is the longest text that is looked at: a code with a dash or
	// a space behind each letter, and room for what a paste brings along.
	userCodeInput = 64
)

// NewUserCode makes one by chance: each letter is as likely as any other.
func NewUserCode() UserCode {
	var code []byte
	for len(code) < userCodeLength {
		var chance [userCodeLength]byte
		_, _ = rand.Read(chance[:]) // crypto/rand.Read never fails
		code = appendLetters(code, chance[:])
	}
	return UserCode(code)
}

// appendLetters appends a letter for each byte of chance until there are enough.
// A byte's remainder would favour the first sixteen letters, so bytes past the
// last whole multiple of twenty are left out.
func appendLetters(code, chance []byte) []byte {
	const fair = 256 - 256%len(userCodeLetters)
	for _, b := range chance {
		if int(b) < fair && len(code) < userCodeLength {
			code = append(code, userCodeLetters[int(b)%len(userCodeLetters)])
		}
	}
	return code
}

// ParseUserCode reads a code as people type it: in any case, with dashes and
// spaces anywhere. It reports false for what cannot be one, which tells nothing
// about which codes there are.
func ParseUserCode(text string) (UserCode, bool) {
	if len(text) > userCodeInput {
		return "", false
	}
	code := strings.Map(userCodeLetter, text)
	if len(code) != userCodeLength || strings.Trim(code, userCodeLetters) != "" {
		return "", false
	}
	return UserCode(code), true
}

// userCodeLetter drops what separates and raises a to z. Only those: Unicode has
// other letters that become S or K when they are raised.
func userCodeLetter(r rune) rune {
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Pd, r), r == '\u2212': // the minus sign
		return -1
	case 'a' <= r && r <= 'z':
		return r - 'a' + 'A'
	}
	return r
}

// Shown is the code as people read it: "BCDF-GHJK".
func (c UserCode) Shown() string {
	if len(c) != userCodeLength {
		return string(c)
	}
	return string(c[:userCodeLength/2]) + "-" + string(c[userCodeLength/2:])
}

// Hash is what is stored of a code, and looked up by, so that how long a lookup
// takes says nothing of any code.
func (c UserCode) Hash() []byte { return identity.Hash(string(c)) }

// LogValue keeps codes out of logs.
func (UserCode) LogValue() slog.Value { return slog.StringValue("[user code]") }
