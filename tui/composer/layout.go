package composer

import (
	"strings"

	"github.com/aichat-term/aichat/tui/terminal"
)

// tab is how a tab is drawn.
const tab = "    "

// drawn is how text is drawn: what cannot be is replaced.
func drawn(s string) string {
	return terminal.Clean(strings.ReplaceAll(s, "\t", tab))
}

func (m *Model) measure(s string) int { return m.method.StringWidth(drawn(s)) }

// breaks are the offsets where a line's rows begin. Rows break after a space
// where there is one.
func (m *Model) breaks(row int) []int {
	if m.rows[row] != nil {
		return m.rows[row]
	}
	line := m.lines[row]
	starts := []int{0}
	w, space, wSpace := 0, -1, 0 // the last place to break, and the width up to it
	for at := 0; at < len(line); {
		n := at + 1
		cw := 1
		if c := line[at]; c < 0x20 || c >= 0x7f || n < len(line) && line[n] >= 0x80 {
			n = next(line, at)
			cw = m.measure(line[at:n])
		}
		if w+cw > m.width {
			begin, rest := at, 0
			if space > starts[len(starts)-1] {
				begin, rest = space, w-wSpace
			}
			starts = append(starts, begin)
			w, space = rest, -1
		}
		w += cw
		if line[at] == ' ' {
			space, wSpace = n, w
		}
		at = n
	}
	if w >= m.width { // the cursor after the last character needs a cell
		starts = append(starts, len(line))
	}
	m.rows[row] = starts
	return starts
}

func (m *Model) rowStart(row, sub int) int { return m.breaks(row)[sub] }

func (m *Model) rowEnd(row, sub int) int {
	if b := m.breaks(row); sub+1 < len(b) {
		return b[sub+1]
	}
	return len(m.lines[row])
}

// subRow is the row of its line that the cursor is in.
func (m *Model) subRow() int {
	b := m.breaks(m.row)
	sub := len(b) - 1
	for sub > 0 && b[sub] > m.col {
		sub--
	}
	return sub
}

// Height is how many rows the text takes, up to the limit.
func (m *Model) Height() int {
	n := 0
	for i := range m.lines {
		if n += len(m.breaks(i)); n >= m.limit {
			return m.limit
		}
	}
	return n
}

// View is the visible rows, and where in them the cursor belongs.
func (m *Model) View() (rows []string, x, y int) {
	height := m.Height()
	m.scroll(height)
	line, sub := m.top, m.topRow
	cursorSub := m.subRow()
	for len(rows) < height && line < len(m.lines) {
		start, end := m.rowStart(line, sub), m.rowEnd(line, sub)
		if line == m.row && sub == cursorSub {
			x, y = m.measure(m.lines[line][start:m.col]), len(rows)
		}
		rows = append(rows, drawn(m.lines[line][start:end]))
		if sub++; sub == len(m.breaks(line)) {
			line, sub = line+1, 0
		}
	}
	return rows, x, y
}

// scroll moves the window as little as shows the cursor.
func (m *Model) scroll(height int) {
	sub := m.subRow()
	m.top = min(m.top, len(m.lines)-1)
	m.topRow = min(m.topRow, len(m.breaks(m.top))-1)
	if m.row < m.top || m.row == m.top && sub < m.topRow {
		m.top, m.topRow = m.row, sub
		return
	}
	// The first row from which the cursor's is the last one visible.
	line, first := m.row, sub
	for n := 1; n < height; n++ {
		if first--; first < 0 {
			if line == 0 {
				m.top, m.topRow = 0, 0
				return
			}
			line--
			first = len(m.breaks(line)) - 1
		}
	}
	if m.top < line || m.top == line && m.topRow < first {
		m.top, m.topRow = line, first
	}
	m.fill(height)
}

// fill moves the window back where the text ends before it does.
func (m *Model) fill(height int) {
	n := -m.topRow
	for i := m.top; i < len(m.lines) && n < height; i++ {
		n += len(m.breaks(i))
	}
	for ; n < height && (m.top > 0 || m.topRow > 0); n++ {
		if m.topRow--; m.topRow < 0 {
			m.top--
			m.topRow = len(m.breaks(m.top)) - 1
		}
	}
}
