package composer

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// next is the offset after the grapheme cluster at an offset of a line.
func next(line string, at int) int {
	if at >= len(line) {
		return len(line)
	}
	c, _, _, _ := uniseg.FirstGraphemeClusterInString(line[at:], -1)
	return at + len(c)
}

// far is from where a cluster that ends at an offset is looked for: no cluster
// that matters is longer, and lines may be.
const far = 256

// previous is the offset of the grapheme cluster before an offset.
func previous(line string, at int) int {
	start := max(at-far, 0)
	for start > 0 && line[start]&0xc0 == 0x80 {
		start--
	}
	p := start
	for {
		n := next(line, p)
		if n >= at {
			return p
		}
		p = n
	}
}

func (m *Model) left() (row, col int) {
	if m.col > 0 {
		return m.row, previous(m.lines[m.row], m.col)
	}
	if m.row > 0 {
		return m.row - 1, len(m.lines[m.row-1])
	}
	return m.row, m.col
}

func (m *Model) right() (row, col int) {
	if m.col < len(m.lines[m.row]) {
		return m.row, next(m.lines[m.row], m.col)
	}
	if m.row < len(m.lines)-1 {
		return m.row + 1, 0
	}
	return m.row, m.col
}

// wordLeft is the beginning of the word before the cursor.
func (m *Model) wordLeft() (row, col int) {
	if m.col == 0 {
		return m.left()
	}
	s := strings.TrimRightFunc(m.lines[m.row][:m.col], notWord)
	s = strings.TrimRightFunc(s, inWord)
	return m.row, len(s)
}

// wordRight is the end of the word after the cursor.
func (m *Model) wordRight() (row, col int) {
	line := m.lines[m.row]
	if m.col == len(line) {
		return m.right()
	}
	s := strings.TrimLeftFunc(line[m.col:], notWord)
	s = strings.TrimLeftFunc(s, inWord)
	return m.row, len(line) - len(s)
}

func inWord(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) || r == '_'
}
func notWord(r rune) bool { return !inWord(r) }

func (m *Model) to(row, col int) { m.row, m.col, m.goal = row, col, -1 }

// up moves the cursor by rows as they are drawn; false: there is none further.
func (m *Model) up() bool { return m.vertical(-1) }

func (m *Model) down() bool { return m.vertical(1) }

func (m *Model) vertical(by int) bool {
	sub := m.subRow()
	if m.goal < 0 {
		m.goal = m.measure(m.lines[m.row][m.rowStart(m.row, sub):m.col])
	}
	row := m.row
	sub += by
	switch {
	case sub < 0:
		if row == 0 {
			return false
		}
		row--
		sub = len(m.breaks(row)) - 1
	case sub >= len(m.breaks(row)):
		if row == len(m.lines)-1 {
			return false
		}
		row, sub = row+1, 0
	}
	m.row, m.col = row, m.column(row, sub, m.goal)
	return true
}

// column is the offset in a row that is nearest to a column.
func (m *Model) column(row, sub, goal int) int {
	line := m.lines[row]
	at, end := m.rowStart(row, sub), m.rowEnd(row, sub)
	w := 0
	for at < end {
		n := next(line, at)
		cw := m.measure(line[at:n])
		if w+cw > goal || n == end && end < len(line) {
			break
		}
		at, w = n, w+cw
	}
	return at
}
