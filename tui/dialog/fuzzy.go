package dialog

import (
	"slices"
	"strings"
	"unicode"
)

// score says how well a text matches what was typed: each word by itself, in any
// order, letter case ignored. ok is false where one does not match.
func score(text, typed string) (points int, ok bool) {
	t := []rune(strings.ToLower(text))
	for word := range strings.FieldsSeq(strings.ToLower(typed)) {
		n, ok := scoreWord(t, []rune(word))
		if !ok {
			return 0, false
		}
		points += n
	}
	return points, true
}

// scoreWord matches one word: as it stands, best where a word begins; else its
// characters in order, those more that follow each other or begin a word.
func scoreWord(text, word []rune) (points int, ok bool) {
	const whole = 100
	best := -1
	for at := 0; at+len(word) <= len(text); at++ {
		if slices.Equal(text[at:at+len(word)], word) {
			best = max(best, whole+beginning(text, at))
		}
	}
	if best >= 0 {
		return best, true
	}
	at := 0
	for i, r := range word {
		found := slices.Index(text[at:], r)
		if found < 0 {
			return 0, false
		}
		if found == 0 && i > 0 {
			points += 2
		}
		at += found
		points += 1 + beginning(text, at)
		at++
	}
	return points, true
}

// beginning is what a place is worth where a word begins.
func beginning(text []rune, at int) int {
	if at == 0 || !unicode.IsLetter(text[at-1]) && !unicode.IsNumber(text[at-1]) {
		return 3
	}
	return 0
}
