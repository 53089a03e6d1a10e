package sse

import (
	"bytes"
	"strconv"
	"strings"
	"time"
)

// AppendEvent appends one event to dst and returns it. An empty id or name is
// left out; CR, LF and NUL, which neither can hold, are dropped from them. Data
// may hold line ends of any kind; a reader gets them back as LF.
func AppendEvent(dst []byte, id, name string, data []byte) []byte {
	dst = appendField(dst, "id: ", id)
	dst = appendField(dst, "event: ", name)
	for more := true; more; {
		var line []byte
		line, data, more = cutLine(data)
		dst = append(dst, "data: "...)
		dst = append(dst, line...)
		dst = append(dst, '\n')
	}
	return append(dst, '\n')
}

// AppendComment appends a comment line, which readers ignore: a heartbeat. What
// follows a line end in text is dropped. It may stand between events only.
func AppendComment(dst []byte, text string) []byte {
	if i := strings.IndexAny(text, "\r\n"); i >= 0 {
		text = text[:i]
	}
	dst = append(dst, ": "...)
	dst = append(dst, text...)
	return append(dst, "\n\n"...)
}

// AppendRetry appends a block that tells the reader to wait for d before it
// reconnects. It is no event.
func AppendRetry(dst []byte, d time.Duration) []byte {
	dst = append(dst, "retry: "...)
	dst = strconv.AppendInt(dst, max(d, 0).Milliseconds(), 10)
	return append(dst, "\n\n"...)
}

func appendField(dst []byte, label, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(dst, label...)
	for i := range len(value) {
		if c := value[i]; c != '\n' && c != '\r' && c != 0 {
			dst = append(dst, c)
		}
	}
	return append(dst, '\n')
}

// cutLine returns data's first line, what follows it, and whether anything may.
func cutLine(data []byte) (line, rest []byte, more bool) {
	n, whole := lineEnd(data)
	if !whole {
		return data, nil, false
	}
	line, rest = data[:n], data[n+1:]
	if data[n] == '\r' {
		rest = bytes.TrimPrefix(rest, []byte{'\n'})
	}
	return line, rest, true
}
