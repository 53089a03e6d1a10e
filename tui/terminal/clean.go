package terminal

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Clean returns s with everything that a terminal would obey, and everything
// that hides or reorders text, replaced by something visible: C0 controls but
// line feed and tab, DEL, C1 controls, bidirectional embeddings, overrides and
// isolates (Unicode Standard Annex 9), invisible operators, tag characters, and
// bytes that are not UTF-8. A carriage return before a line feed is dropped.
//
// Joiners, variation selectors and directional marks stay: scripts and emoji need
// them, and they reorder nothing. Clean is idempotent, and returns s itself where
// nothing is to be done.
func Clean(s string) string {
	i := dirty(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\r' && strings.HasPrefix(s[i+1:], "\n"):
		case r == utf8.RuneError && n <= 1:
			b.WriteRune(utf8.RuneError)
		case unsafe(r):
			b.WriteString(visible(r))
		default:
			b.WriteRune(r)
		}
		i += n
	}
	return b.String()
}

// Line is Clean for text that has one line: line feeds and tabs become spaces.
func Line(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, Clean(s))
}

// dirty is the offset of the first rune that Clean changes; -1: none.
func dirty(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 && c != '\n' && c != '\t' || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n <= 1 || unsafe(r) {
			return i
		}
		i += n
	}
	return -1
}

// unsafe reports whether a rune must not reach a terminal as it is.
func unsafe(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r < 0xa0:
		return true // C0, DEL, C1
	case r < 0x200b:
		return r == 0x00ad || r == 0x180e // soft hyphen, Mongolian vowel separator
	case r == 0x200b, r >= 0x2028 && r <= 0x202e, r >= 0x2060 && r <= 0x206f:
		return true // zero-width space, separators and overrides, invisible operators and isolates
	case r == 0xfeff, r >= 0xfff9 && r <= 0xfffb:
		return true // byte order mark, interlinear annotation
	case r >= 0xe0000 && r <= 0xe007f:
		return true // tags: text that nobody sees
	}
	return false
}

// visible is what stands for an unsafe rune: a control picture (U+2400 and on)
// where there is one.
func visible(r rune) string {
	switch {
	case r < 0x20:
		return string(0x2400 + r)
	case r == 0x7f:
		return "\u2421"
	}
	return fmt.Sprintf("<U+%04X>", r)
}

// ASCII replaces every rune beyond ASCII by a question mark: in a locale that is
// not UTF-8 the bytes of any other would be read as something else, C1 controls
// among it.
func ASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= utf8.RuneSelf {
			return '?'
		}
		return r
	}, s)
}
