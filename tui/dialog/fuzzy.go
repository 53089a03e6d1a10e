package dialog

import (
	"strings"
	"unicode"
)

// score says how well a text matches what was typed: all its characters in order,
// letter case ignored. ok is false where it does not. Runs of characters and
// beginnings of words count more.
func score(text, typed string) (points int, ok bool) {
	t := []rune(strings.ToLower(text))
	at, streak := 0, 0
	for _, r := range strings.ToLower(typed) {
		if r == ' ' {
			streak = 0
			continue
		}
		found := -1
		for i := at; i < len(t); i++ {
			if t[i] == r {
				found = i
				break
			}
		}
		if found < 0 {
			return 0, false
		}
		if found == at && at > 0 {
			streak++
		} else {
			streak = 0
		}
		points += 1 + 2*streak
		if found == 0 || !unicode.IsLetter(t[found-1]) && !unicode.IsNumber(t[found-1]) {
			points += 3
		}
		at = found + 1
	}
	if strings.Contains(strings.ToLower(text), strings.ToLower(typed)) {
		points += 10
	}
	return points, true
}
