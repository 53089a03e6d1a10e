package httpapi

import "unicode/utf8"

const hexDigits = "0123456789abcdef"

// appendJSONString appends text as a JSON string (RFC 8259 section 7), on one
// line. Bytes that are no UTF-8 become U+FFFD, so that the result is valid
// whatever the text is.
//
// It stands on the way of every delta: encoding/json would cost several times
// as much, for the same string.
func appendJSONString(out, text []byte) []byte {
	out = append(out, '"')
	begin := 0
	for i := 0; i < len(text); {
		b := text[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRune(text[i:])
			if r == utf8.RuneError && size == 1 {
				out = append(out, text[begin:i]...)
				out = append(out, `\ufffd`...)
				begin = i + 1
			}
			i += size
			continue
		}
		if b >= ' ' && b != '"' && b != '\\' {
			i++
			continue
		}
		out = append(out, text[begin:i]...)
		out = appendEscape(out, b)
		i++
		begin = i
	}
	out = append(out, text[begin:]...)
	return append(out, '"')
}

func appendEscape(out []byte, b byte) []byte {
	switch b {
	case '"', '\\':
		return append(out, '\\', b)
	case '\n':
		return append(out, '\\', 'n')
	case '\r':
		return append(out, '\\', 'r')
	case '\t':
		return append(out, '\\', 't')
	}
	return append(out, '\\', 'u', '0', '0', hexDigits[b>>4], hexDigits[b&0xf])
}
