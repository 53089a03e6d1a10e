package terminal

import (
	"net/url"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Seal goes over text that a renderer made and lets through only what a renderer
// has reason to say: colours and attributes (SGR), and OSC 8 hyperlinks whose
// address WebLink accepts. Any other escape is made visible.
func Seal(s string) string {
	if !strings.ContainsRune(s, ansi.ESC) {
		return Clean(s)
	}
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		i := strings.IndexByte(s, ansi.ESC)
		if i < 0 {
			b.WriteString(Clean(s))
			break
		}
		b.WriteString(Clean(s[:i]))
		s = s[i:]
		n, keep := escape(s)
		switch {
		case n == 0: // not one of ours
			b.WriteString(visible(ansi.ESC))
			n = 1
		case keep:
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

// escape measures the sequence at the start of s, and says whether it may stay;
// 0: it is none of the two kinds.
func escape(s string) (n int, keep bool) {
	if strings.HasPrefix(s, "\x1b[") {
		return sgr(s), true
	}
	if strings.HasPrefix(s, "\x1b]8;") {
		return hyperlink(s)
	}
	return 0, false
}

// sgr is the length of the CSI … m that s begins with; 0: it is something else.
func sgr(s string) int {
	for i := 2; i < len(s); i++ {
		switch c := s[i]; {
		case c == 'm':
			return i + 1
		case c >= '0' && c <= '9', c == ';', c == ':':
		default:
			return 0
		}
	}
	return 0
}

// hyperlink is the length of the OSC 8 sequence that s begins with, and whether
// its address may be opened.
func hyperlink(s string) (n int, keep bool) {
	body := s[len("\x1b]8;"):]
	end := strings.IndexAny(body, "\x07\x1b")
	if end < 0 {
		return 0, false
	}
	n = len("\x1b]8;") + end + 1
	if body[end] == ansi.ESC {
		if !strings.HasPrefix(body[end:], "\x1b\\") {
			return 0, false
		}
		n++
	}
	params, address, ok := strings.Cut(body[:end], ";")
	if !ok || !printable(params) {
		return n, false
	}
	if address == "" {
		return n, true // the end of a link
	}
	_, keep = WebLink(address)
	return n, keep
}

// WebLink reports whether an address may be made clickable: http, https or
// mailto, of printable ASCII only.
func WebLink(address string) (string, bool) {
	if !printable(address) {
		return "", false
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", false
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https":
		return address, u.Host != ""
	case "mailto":
		return address, true
	}
	return "", false
}

func printable(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return true
}
