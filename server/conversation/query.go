package conversation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Query is a parsed search: every term must be found in one message.
//
// The language, the same on every database:
//
//	word         the word, in any case, with or without its accents
//	"two words"  the words next to each other, in that order
//	pre*         any word that begins so, from two letters on
//	foo_bar      what is no letter and no digit separates words: a phrase
//
// Anything else (operators, %, brackets, a lone quote) is a separator and never
// an error. Ideographs and kana count as one word each, so a run of them is a
// phrase. A query without words finds nothing.
type Query struct {
	Terms []Term
}

// Term is a phrase of at least one folded word; Prefix makes its last word a
// prefix.
type Term struct {
	Words  []string
	Prefix bool
}

// Limits of a query: what goes beyond them is left out.
const (
	maxTerms     = 16
	maxTermWords = 64
)

// ParseQuery reads a query. It accepts every text, valid UTF-8 or not.
func ParseQuery(s string) Query {
	var q Query
	for s != "" && len(q.Terms) < maxTerms {
		var chunk string
		var prefix bool
		chunk, prefix, s = nextChunk(s)
		if t, ok := parseTerm(chunk, prefix); ok {
			q.Terms = append(q.Terms, t)
		}
	}
	return q
}

// nextChunk cuts what makes one term off the front of s: what stands between
// two quotes, or what reaches to the next white space or opening quote. prefix
// reports a star right behind it. A quote that nothing closes is a separator.
func nextChunk(s string) (chunk string, prefix bool, rest string) {
	if s[0] == '"' {
		if inner, after, closed := strings.Cut(s[1:], `"`); closed {
			after, prefix = strings.CutPrefix(after, "*")
			return inner, prefix, after
		}
		s = s[1:]
	}
	end := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '"' })
	switch {
	case end < 0:
		end = len(s)
	case end == 0 && s[0] != '"':
		_, size := utf8.DecodeRuneInString(s)
		return "", false, s[size:]
	}
	chunk, rest = s[:end], s[end:]
	return chunk, strings.HasSuffix(chunk, "*"), rest
}

// parseTerm makes a term of a chunk that has words. A prefix must be a word of
// two letters or more: a single one begins half of all words, and an ideograph
// is a whole word.
func parseTerm(chunk string, prefix bool) (Term, bool) {
	var t Term
	for w := range Words(chunk) {
		if len(t.Words) == maxTermWords {
			prefix = false
			break
		}
		t.Words = append(t.Words, w.Text)
	}
	if len(t.Words) == 0 {
		return t, false
	}
	last := t.Words[len(t.Words)-1]
	stem := strings.TrimRightFunc(chunk, func(r rune) bool { return r == '*' })
	final, _ := utf8.DecodeLastRuneInString(stem)
	t.Prefix = prefix && inWord(final) && utf8.RuneCountInString(last) > 1
	return t, true
}
