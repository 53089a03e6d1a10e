package terminal

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// Width is how many cells the widest line of s takes, escapes not counted.
func Width(s string) int {
	w := 0
	for l := range strings.SplitSeq(s, "\n") {
		w = max(w, ansi.StringWidth(l))
	}
	return w
}

// Truncate shortens one line to a width, ending in tail where it had to.
func Truncate(s string, width int, tail string) string {
	if width <= 0 {
		return ""
	}
	return ansi.Truncate(s, width, tail)
}

// Pad truncates or fills one line to exactly a width.
func Pad(s string, width int, tail string) string {
	s = Truncate(s, width, tail)
	if n := width - ansi.StringWidth(s); n > 0 {
		s += strings.Repeat(" ", n)
	}
	return s
}

// Tabs replaces tabs by spaces up to the next multiple of every cells.
func Tabs(s string, every int) string {
	if !strings.Contains(s, "\t") {
		return s
	}
	var b strings.Builder
	for i, l := range strings.Split(s, "\n") {
		if i > 0 {
			b.WriteByte('\n')
		}
		col := 0
		for {
			before, after, found := strings.Cut(l, "\t")
			b.WriteString(before)
			if !found {
				break
			}
			col += ansi.StringWidth(before)
			n := every - col%every
			b.WriteString(strings.Repeat(" ", n))
			col, l = col+n, after
		}
	}
	return b.String()
}

// Wrap breaks text at words, and words that do not fit anywhere, into lines of a
// width. Clean it first.
func Wrap(s string, width int) []string {
	return strings.Split(ansi.Wrap(Tabs(s, 4), max(width, 1), ""), "\n")
}
