package signin

import (
	"strings"
	"unicode"
)

// lineLimit is how much is kept of somebody else's words, in characters.
const lineLimit = 64

// oneLine makes somebody else's words fit to be shown beside our own: one short
// line, without what controls a terminal, turns the direction of writing or
// cannot be seen. White space becomes single spaces. Bytes that are not UTF-8 are
// dropped.
func oneLine(text string) string {
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
	if runes := []rune(line); len(runes) > lineLimit {
		line = strings.TrimSpace(string(runes[:lineLimit]))
	}
	return line
}
