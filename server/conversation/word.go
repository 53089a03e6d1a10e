package conversation

import (
	"iter"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxWord is how many bytes of a folded word count: a longer one equals every
// word that begins with as many of the same.
const MaxWord = 128

// Word is one word of a text.
type Word struct {
	// Text is the word folded: in one case, without accents and compatibility
	// forms, at most MaxWord bytes.
	Text string
	// Start and End are the bytes of the text that it is made of.
	Start, End int
}

// Words yields the words of a text in their order. Search compares texts and
// queries by them, so that every database finds the same.
//
// A word is a run of letters and digits, with the marks that belong to them; an
// ideograph or a kana is a word of its own. Everything else separates.
func Words(text string) iter.Seq[Word] {
	return func(yield func(Word) bool) {
		for at := 0; at < len(text); {
			end, ascii := wordEnd(text, at)
			if end == at {
				_, size := utf8.DecodeRuneInString(text[at:])
				at += size
				continue
			}
			if folded := fold(text[at:end], ascii); folded != "" && !yield(Word{folded, at, end}) {
				return
			}
			at = end
		}
	}
}

// wordEnd is where the word ends that begins at byte at; at itself if none does.
// ascii reports that it is ASCII throughout.
func wordEnd(text string, at int) (end int, ascii bool) {
	ascii = true
	for end = at; end < len(text); {
		if c := text[end]; c < utf8.RuneSelf {
			if !asciiWord(c) {
				break
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(text[end:])
		switch {
		case solitary(r):
			if end > at {
				return end, ascii
			}
			return marksEnd(text, end+size), false
		case !inWord(r):
			return end, ascii
		}
		end, ascii = end+size, false
	}
	return end, ascii
}

// marksEnd passes over the marks that follow an ideograph or a kana: a voicing
// mark, a variation selector.
func marksEnd(text string, at int) int {
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !unicode.IsMark(r) && r != halfVoiced && r != halfSemivoiced {
			break
		}
		at += size
	}
	return at
}

func asciiWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// inWord reports whether r is part of words.
func inWord(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r))
}

// Kana that Unicode counts to no script: the marks of half-width voicing and the
// signs that lengthen a vowel.
const (
	halfVoiced     = '\uff9e'
	halfSemivoiced = '\uff9f'
	longVowel      = '\u30fc'
	halfLongVowel  = '\uff70'
)

// solitary reports whether r is a word of its own.
func solitary(r rune) bool {
	if r < '\u2e80' {
		return false // no ideograph or kana so low
	}
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) && inWord(r) ||
		r == longVowel || r == halfLongVowel
}

// caser folds case in full: ß is ss, and the final sigma a sigma. It keeps no
// state.
var caser = cases.Fold()

// fold makes equal what is to be found by the same word.
func fold(word string, ascii bool) string {
	if ascii {
		return strings.ToLower(word[:min(len(word), MaxWord)])
	}
	// Folding may shorten a text to a fraction, but not without end: what is far
	// beyond the limit needs no look.
	if len(word) > 8*MaxWord {
		word = truncate(word, 8*MaxWord)
	}
	var b strings.Builder
	for _, r := range norm.NFKD.String(word) {
		if inWord(r) && !accent(r) {
			b.WriteRune(r)
		}
	}
	return truncate(norm.NFC.String(caser.String(b.String())), MaxWord)
}

// accent reports whether r is a mark that search does not tell apart: accents
// and the vowel points of Hebrew and Arabic. Marks of the lowest combining
// classes make another letter of what they follow (a voiced kana, a vowel of an
// Indian script) and stay.
func accent(r rune) bool {
	const lowestAccent = 10
	return r >= 0x300 && unicode.Is(unicode.Mn, r) &&
		norm.NFD.PropertiesString(string(r)).CCC() >= lowestAccent
}

// truncate cuts s to at most n bytes, between runes.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
