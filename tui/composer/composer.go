package composer

import (
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/cost"
)

// Send asks for the text to be sent. The composer keeps it until it is told to
// Clear.
type Send struct{ Text string }

// Model is the editor. New makes one; it is not safe for concurrent use.
type Model struct {
	lines []string
	rows  [][]int // for each line, the offsets where its rows begin; nil: not known
	row   int     // the cursor's line
	col   int     // and byte offset in it
	goal  int     // the column that moving up and down keeps; -1: none

	weight cost.Weight // of all lines and the ends between them, kept as they change

	top    int // the first visible line
	topRow int // and row of it

	width, limit int
	method       ansi.Method

	history history
}

// New is an empty editor.
func New() *Model {
	return &Model{lines: []string{""}, rows: [][]int{nil}, goal: -1, width: 80, limit: 10, method: ansi.WcWidth}
}

// SetSize sets the width of the text and the most rows it may take.
func (m *Model) SetSize(width, limit int) {
	width, limit = max(width, 2), max(limit, 1)
	if m.width != width {
		m.width = width
		m.forget()
	}
	m.limit = limit
}

// SetMethod says how the terminal measures characters.
func (m *Model) SetMethod(method ansi.Method) {
	if m.method != method {
		m.method = method
		m.forget()
	}
}

func (m *Model) forget() {
	for i := range m.rows {
		m.rows[i] = nil
	}
}

// Value is the text.
func (m *Model) Value() string { return strings.Join(m.lines, "\n") }

// Empty reports whether there is nothing.
func (m *Model) Empty() bool { return len(m.lines) == 1 && m.lines[0] == "" }

// Blank reports whether there is nothing worth sending.
func (m *Model) Blank() bool {
	for _, l := range m.lines {
		if strings.TrimSpace(l) != "" {
			return false
		}
	}
	return true
}

// Lines is how many lines the text has.
func (m *Model) Lines() int { return len(m.lines) }

// SetValue replaces the text and puts the cursor at its end.
func (m *Model) SetValue(s string) {
	s = newlines(s)
	m.weight = cost.Of(s)
	m.lines = strings.Split(s, "\n")
	m.rows = make([][]int, len(m.lines))
	m.row = len(m.lines) - 1
	m.col = len(m.lines[m.row])
	m.top, m.topRow, m.goal = 0, 0, -1
}

// Tokens guesses how many tokens the text is. It costs nothing to ask: the text is
// weighed as it changes.
func (m *Model) Tokens() int64 { return m.weight.Tokens() }

// Clear empties it.
func (m *Model) Clear() { m.SetValue("") }

// Insert types or pastes text at the cursor.
func (m *Model) Insert(s string) {
	s = newlines(s)
	if s == "" {
		return
	}
	m.history.leave()
	m.weight = m.weight.Plus(cost.Of(s))
	line := m.lines[m.row]
	parts := strings.Split(s, "\n")
	tail := line[m.col:]
	parts[0] = line[:m.col] + parts[0]
	last := len(parts) - 1
	m.col = len(parts[last])
	parts[last] += tail
	m.lines = slices.Replace(m.lines, m.row, m.row+1, parts...)
	m.rows = slices.Replace(m.rows, m.row, m.row+1, make([][]int, len(parts))...)
	m.row += last
	m.goal = -1
}

// newlines makes every end of line a line feed.
func newlines(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// remove deletes from a place to the cursor, or from the cursor to it.
func (m *Model) remove(row, col int) {
	r1, c1, r2, c2 := row, col, m.row, m.col
	if r1 > r2 || r1 == r2 && c1 > c2 {
		r1, c1, r2, c2 = r2, c2, r1, c1
	}
	m.history.leave()
	m.weight = m.weight.Minus(m.between(r1, c1, r2, c2))
	joined := m.lines[r1][:c1] + m.lines[r2][c2:]
	m.lines = slices.Replace(m.lines, r1, r2+1, joined)
	m.rows = slices.Replace(m.rows, r1, r2+1, nil)
	m.row, m.col, m.goal = r1, c1, -1
}

// between is the weight of the text from one place to a later one.
func (m *Model) between(r1, c1, r2, c2 int) cost.Weight {
	if r1 == r2 {
		return cost.Of(m.lines[r1][c1:c2])
	}
	w := cost.Of(m.lines[r1][c1:]).Plus(cost.Of(m.lines[r2][:c2])).Plus(cost.Of("\n"))
	for _, l := range m.lines[r1+1 : r2] {
		w = w.Plus(cost.Of(l)).Plus(cost.Of("\n"))
	}
	return w
}
