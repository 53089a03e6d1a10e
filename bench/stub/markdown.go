package stub

import "strings"

// MarkEvery is how many deltas of a Markdown answer share one mark.
const MarkEvery = 10

// Marks are characters of one cell each, which stand nowhere else in an answer:
// the first one a program shows says which delta has reached the screen.
const (
	firstMark = 0x1401 // Canadian Aboriginal Syllabics
	lastMark  = 0x166C
)

// Mark is the character that begins delta number n, and whether one does.
func Mark(n int) (rune, bool) {
	r := rune(firstMark + n/MarkEvery)
	return r, n%MarkEvery == 0 && r <= lastMark
}

const page = `## A heading of the answer

Some prose that goes on for a while, with **bold words**, some *emphasis* and a
bit of ` + "`code`" + ` in the middle of a line that is long enough to be wrapped.

- a first point that is made
- a second one, with a [link](https://example.com/) in it
- and a third

` + "```go" + `
// sum adds what it is given.
func sum(numbers ...int) (total int) {
	for _, n := range numbers {
		total += n
	}
	return total
}
` + "```" + `

1. then this
2. and after it that

`

// markdown cuts a document into the deltas of p.
func markdown(p Profile) []string {
	doc := strings.Repeat(page, p.Deltas*p.Size/len(page)+1)
	deltas := make([]string, p.Deltas)
	for i := range deltas {
		deltas[i] = doc[i*p.Size : (i+1)*p.Size]
		if mark, ok := Mark(i); ok {
			deltas[i] = withMark(deltas[i], mark)
		}
	}
	return deltas
}

// withMark puts a mark after the first space of a delta, where it cannot turn a
// line into another kind of line.
func withMark(delta string, mark rune) string {
	at := strings.IndexByte(delta, ' ') + 1
	return delta[:at] + string(mark) + delta[at:]
}
