package jsonscan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// String reads a string. One that is there already is kept, which costs no
// allocation.
func (s *Scanner) String(to *string) {
	if s.peek() != '"' {
		s.missing()
		return
	}
	if text := s.text(); s.ok && string(text) != *to {
		*to = string(text)
	}
}

// Word reads a string that is mostly one of a few known ones, which cost no
// allocation.
func (s *Scanner) Word(to *string, known ...string) {
	if s.peek() != '"' {
		s.missing()
		return
	}
	text := s.text()
	if !s.ok {
		return
	}
	for _, word := range known {
		if string(text) == word {
			*to = word
			return
		}
	}
	*to = string(text)
}

// text reads a string, at whose quotation mark it stands. What it returns is
// valid until the next string is read.
func (s *Scanner) text() []byte {
	start := s.pos + 1
	end := plain(s.data, start)
	if end < len(s.data) && s.data[end] == '"' {
		s.pos = end + 1
		return s.data[start:end]
	}
	return s.translate(start, end)
}

// translate reads the rest of a string that begins at start and is plain up to
// at.
func (s *Scanner) translate(start, at int) []byte {
	out := append(s.scratch[:0], s.data[start:at]...)
	for at < len(s.data) {
		switch c := s.data[at]; {
		case c == '"':
			s.pos, s.scratch = at+1, out
			return out
		case c == '\\':
			r, size := escape(s.data[at:])
			if size == 0 {
				s.Fail()
				return nil
			}
			out = utf8.AppendRune(out, r)
			at += size
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRune(s.data[at:])
			out = utf8.AppendRune(out, r)
			at += size
		default:
			end := plain(s.data, at)
			if end == at { // a control character
				s.Fail()
				return nil
			}
			out = append(out, s.data[at:end]...)
			at = end
		}
	}
	s.Fail()
	return nil
}

// skipText reads a string, at whose quotation mark it stands, to its end.
func (s *Scanner) skipText() {
	for at := plain(s.data, s.pos+1); at < len(s.data); at = plain(s.data, at) {
		switch c := s.data[at]; {
		case c == '"':
			s.pos = at + 1
			return
		case c >= utf8.RuneSelf:
			at++
		default:
			_, size := escape(s.data[at:])
			if size == 0 { // a control character too
				s.Fail()
				return
			}
			at += size
		}
	}
	s.Fail()
}

// escape reads the escape at the start of b. Size is zero if there is none that
// is whole and valid. A surrogate without its other half is U+FFFD.
func escape(b []byte) (r rune, size int) {
	if len(b) < 2 || b[0] != '\\' {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	}
	r, ok := unit(b)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, 6
	}
	if low, ok := unit(b[6:]); ok {
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return pair, 12
		}
	}
	return utf8.RuneError, 6
}

// unit reads the \uXXXX at the start of b.
func unit(b []byte) (r rune, ok bool) {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, c := range b[2:6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// Eight bytes at a time: a word with the value in each of its bytes.
const (
	ones  = 0x0101010101010101
	highs = 0x80 * ones
)

// plain returns the index of the first byte of data, from at on, that a string
// does not hold as it is or that is not ASCII; len(data) if there is none.
func plain(data []byte, at int) int {
	for ; at+8 <= len(data); at += 8 {
		w := binary.LittleEndian.Uint64(data[at:])
		quote, backslash := w^'"'*ones, w^'\\'*ones
		// A subtraction borrows from the next byte only behind a byte that is
		// found, so the first one found is right. (Bytes past ASCII hide from
		// the subtractions and are found as they are.)
		found := (w | (w - ' '*ones) | (quote - ones) | (backslash - ones)) & highs
		if found != 0 {
			return at + bits.TrailingZeros64(found)/8
		}
	}
	for at < len(data) && data[at] >= ' ' && data[at] < utf8.RuneSelf && data[at] != '"' && data[at] != '\\' {
		at++
	}
	return at
}
