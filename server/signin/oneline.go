package signin

import (
	"strings"
	"unicode"
)

// oneLine makes somebody else's words fit to be shown beside our own: one line
// of at most limit characters, without what controls a terminal, turns the
// direction of writing or cannot be seen. White space becomes single spaces.
// Bytes that are not UTF-8 are dropped.
func oneLine(text string, limit int) string {
	visible := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r), r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, text)
	line := strings.Join(strings.Fields(visible), " ")
	if runes := []rune(line); len(runes) > limit {
		line = strings.TrimSpace(string(runes[:limit]))
	}
	return line
}
