package conversation

import (
	"strings"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/fault"
)

// Limits on what is stored.
const (
	MaxTitle    = 300       // runes
	MaxSystem   = 256 << 10 // bytes
	MaxQuestion = 8 << 20   // bytes of one user message, all parts
	MaxMessages = 20_000    // messages of one branch
)

// CheckText returns a TextInvalid fault for invalid UTF-8 and for NUL, which no
// store of ours can keep without changing it.
func CheckText(what, s string) error {
	if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
		return &fault.Error{Kind: fault.TextInvalid, Subject: what,
			Message: what + " holds bytes that are not valid UTF-8, or a NUL."}
	}
	return nil
}

// Title makes a one-line title out of any text: control characters and runs of
// white space become one space, and what exceeds MaxTitle is cut.
func Title(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool {
		return r <= ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) || r == '\u2028' || r == '\u2029'
	}), " ")
	if utf8.RuneCountInString(s) <= MaxTitle {
		return s
	}
	return string([]rune(s)[:MaxTitle-1]) + "…"
}
