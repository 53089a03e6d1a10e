package conversation

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sizes of a snippet, in runes.
const (
	snippetRunes = 160
	snippetLead  = 40 // of them before the first match
)

// Snippet cuts the piece of a text around the first match of a query and returns
// it on one line, with the byte ranges in it that match. Without a match it is
// the text's beginning.
func Snippet(text string, q Query) (snippet string, marks [][2]int) {
	first := firstMatch(text, q)
	piece := strings.ToValidUTF8(text[lead(text, first):], "")
	snippet = oneLine(piece)
	return snippet, matches(snippet, q)
}

// firstMatch is the byte at which the first matching term begins, or 0.
func firstMatch(text string, q Query) int {
	f := newFinder(q)
	for w := range Words(text) {
		if at, _, ok := f.next(w); ok {
			return at
		}
	}
	return 0
}

// matches is every match in text, without overlap.
func matches(text string, q Query) (marks [][2]int) {
	f := newFinder(q)
	for w := range Words(text) {
		start, end, ok := f.next(w)
		if !ok {
			continue
		}
		if n := len(marks); n > 0 && start < marks[n-1][1] {
			marks[n-1] = [2]int{min(start, marks[n-1][0]), end}
			continue
		}
		marks = append(marks, [2]int{start, end})
	}
	return marks
}

// finder looks for a query's terms in a stream of words.
type finder struct {
	terms []Term
	last  []Word // the newest words, as many as the longest term has
	size  int
}

func newFinder(q Query) *finder {
	f := &finder{terms: q.Terms}
	for _, t := range q.Terms {
		f.size = max(f.size, len(t.Words))
	}
	return f
}

// next takes one more word and returns the widest match that ends with it.
func (f *finder) next(w Word) (start, end int, ok bool) {
	if len(f.last) == f.size && f.size > 0 {
		f.last = append(f.last[:0], f.last[1:]...)
	}
	f.last = append(f.last, w)
	start = w.End
	for _, t := range f.terms {
		if n := len(f.last) - len(t.Words); n >= 0 && t.matches(f.last[n:]) {
			start, ok = min(start, f.last[n].Start), true
		}
	}
	return start, w.End, ok
}

// matches reports whether the term is these words.
func (t Term) matches(words []Word) bool {
	final := len(t.Words) - 1
	for i, w := range words {
		if w.Text == t.Words[i] || i == final && t.Prefix && strings.HasPrefix(w.Text, t.Words[i]) {
			continue
		}
		return false
	}
	return true
}

// lead is where to begin a piece so that the byte at stands a little inside it,
// after white space if there is some.
func lead(text string, at int) int {
	start := at
	for range snippetLead {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	if start == 0 {
		return 0
	}
	if space := strings.IndexFunc(text[start:at], unicode.IsSpace); space >= 0 {
		return start + space
	}
	return start
}

// oneLine makes at most snippetRunes runes of a text, with one blank for each run
// of white space and control characters.
func oneLine(text string) string {
	var b strings.Builder
	blank := true // none at the beginning
	runes := 0
	for _, r := range text {
		if runes == snippetRunes {
			break
		}
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			if blank {
				continue
			}
			r = ' '
		}
		blank = r == ' '
		b.WriteRune(r)
		runes++
	}
	return strings.TrimRight(b.String(), " ")
}
