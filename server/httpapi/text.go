package httpapi

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/fault"
)

// checkText refuses, before anything is decoded, the text that a JSON decoder
// would silently change or a store could not keep: invalid UTF-8, NUL in either
// spelling, and half of a surrogate pair, which has no meaning alone (RFC 8259
// section 8.2).
func checkText(raw []byte) error {
	switch {
	case !utf8.Valid(raw):
		return fault.New(fault.TextInvalid, "The request's body holds bytes that are not valid UTF-8.")
	case bytes.IndexByte(raw, 0) >= 0:
		return fault.New(fault.TextInvalid, "The request's body holds a NUL.")
	}
	return checkEscapes(raw)
}

// checkEscapes looks at the \u escapes only. Outside of strings a backslash is
// a mistake that the decoder finds.
func checkEscapes(raw []byte) error {
	for {
		at := bytes.IndexByte(raw, '\\')
		if at < 0 || at+1 >= len(raw) {
			return nil
		}
		raw = raw[at:]
		unit, ok := codeUnit(raw)
		switch {
		case !ok: // another escape, or a malformed one
			raw = raw[2:]
		case unit == 0:
			return fault.New(fault.TextInvalid, "The request's body holds a NUL, written as an escape.")
		case unit >= 0xd800 && unit <= 0xdbff:
			if low, ok := codeUnit(raw[6:]); !ok || low < 0xdc00 || low > 0xdfff {
				return loneSurrogate()
			}
			raw = raw[12:]
		case unit >= 0xdc00 && unit <= 0xdfff:
			return loneSurrogate()
		default:
			raw = raw[6:]
		}
	}
}

func loneSurrogate() error {
	return fault.New(fault.TextInvalid, "The request's body holds half of a surrogate pair, which is no character.")
}

// codeUnit reads the \uXXXX that raw begins with.
func codeUnit(raw []byte) (uint64, bool) {
	if len(raw) < 6 || raw[0] != '\\' || raw[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(string(raw[2:6]), 16, 16)
	return unit, err == nil
}
