package mail

import (
	"strings"
	"time"
	"unicode"
)

// longest is how much is shown of a name that somebody chose, in characters.
const longest = 80

// oneLine makes somebody's own words, the name of a person or of a machine, fit
// to stand in a letter: one line that is not too long, without what would turn
// or hide the text around it.
func oneLine(s string) string {
	words := strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	})
	joined := []rune(strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != zeroWidthJoiner {
			return -1
		}
		return r
	}, strings.Join(words, " ")))
	if len(joined) > longest {
		joined = append(joined[:longest-1], '…')
	}
	return string(joined)
}

// zeroWidthJoiner holds an emoji of several people together.
const zeroWidthJoiner = '\u200d'

// moment is a time as people write it. Where the reader is we do not know.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// day is a date as people write it.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
