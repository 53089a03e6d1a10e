package sidebar

import (
	"strings"

	"charm.land/lipgloss/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// View is height lines of exactly the width.
func (m *Model) View() []string {
	if !m.stale && m.view != nil {
		return m.view
	}
	m.stale = false
	t := m.theme
	lines := []string{m.head(), ""}
	foot := m.foot()
	body := m.body(max(m.height-len(lines)-len(foot), 1))
	lines = append(lines, body...)
	for len(lines) < m.height-len(foot) {
		lines = append(lines, "")
	}
	lines = append(lines, foot...)
	m.view = make([]string, m.height)
	for i := range m.view {
		if i < len(lines) {
			m.view[i] = terminal.Pad(lines[i], m.width, t.Ellipsis)
		}
	}
	return m.view
}

// Cursor is where in the view text is being typed; ok is false where it is not.
func (m *Model) Cursor() (x, y int, ok bool) {
	switch {
	case !m.focused || m.mode == deleting:
		return 0, 0, false
	case m.mode == renaming:
		r := 2 + m.rowLine()
		return min(1+lipgloss.Width(m.theme.Cursor)+terminal.Width(terminal.Line(m.title)), m.width-1), r, true
	}
	return min(1+lipgloss.Width(m.theme.Prompt)+terminal.Width(terminal.Line(m.filter)), m.width-1), 0, true
}

// rowLine is the line of the body that the cursor is in.
func (m *Model) rowLine() int {
	line := m.cursor - m.top
	if h := m.firstHit(); h >= 0 && m.cursor >= h && m.top < h {
		line++
	}
	return line
}

func (m *Model) head() string {
	t := m.theme
	switch {
	case m.focused && m.filter == "":
		return " " + t.Key.Render(t.Prompt) + t.Dim.Render("type to search")
	case m.focused:
		return " " + t.Key.Render(t.Prompt) + terminal.Line(m.filter)
	}
	return " " + t.Title.Render("Chats")
}

func (m *Model) foot() []string {
	t := m.theme
	switch {
	case m.mode == deleting:
		return []string{"", " " + t.Bad.Render("Delete it? y / n")}
	case m.mode == renaming:
		return []string{"", " " + t.Dim.Render("enter renames "+t.Dot+" esc")}
	case m.focused:
		return []string{"", " " + t.Dim.Render("^r rename ^x delete ^u undo")}
	}
	return nil
}

// body is the visible rows.
func (m *Model) body(height int) []string {
	rows := m.rows()
	if note := m.note(len(rows)); note != "" {
		var lines []string
		for _, l := range terminal.Wrap(note, max(m.width-2, 1)) {
			lines = append(lines, " "+m.theme.Dim.Render(l))
		}
		return lines
	}
	hits := m.firstHit()
	if m.cursor < m.top {
		m.top = m.cursor
	}
	if room := height - 1; m.cursor >= m.top+room {
		m.top = m.cursor - room + 1
	}
	var lines []string
	for i := m.top; i < len(rows) && len(lines) < height; i++ {
		if i == hits {
			lines = append(lines, " "+m.theme.Dim.Render("in messages"))
		}
		lines = append(lines, m.line(rows[i], i == m.cursor))
	}
	return lines[:min(len(lines), height)]
}

// firstHit is the index of the first row that is a message; -1: there is none.
func (m *Model) firstHit() int {
	for i, r := range m.rows() {
		if r.hit != nil {
			return i
		}
	}
	return -1
}

// note is what stands in place of an empty list.
func (m *Model) note(rows int) string {
	switch {
	case rows > 0:
		return ""
	case m.failed != "":
		return terminal.Line(m.failed)
	case !m.loaded:
		return "Loading" + m.theme.Ellipsis
	case m.filter != "" && m.sought != m.seq:
		return "Searching" + m.theme.Ellipsis
	case m.filter != "":
		return "Nothing found."
	}
	return "No chats yet. What you ask first begins one."
}

func (m *Model) line(r row, current bool) string {
	t := m.theme
	width := max(m.width-2-lipgloss.Width(t.Cursor), 1)
	if r.hit != nil {
		return m.mark(current, false) + m.snippet(r.hit, width)
	}
	c := r.conversation
	title := Title(*c)
	if current && m.mode == renaming {
		return m.mark(true, false) + t.Key.Render(tailOf(terminal.Line(m.title), width))
	}
	title = terminal.Truncate(title, width, t.Ellipsis)
	switch {
	case current && m.mode == deleting:
		title = t.Bad.Render(title)
	case current && m.focused:
		title = t.Key.Bold(true).Render(title)
	case c.ID == m.open:
		title = t.Accent.Render(title)
	}
	return m.mark(current, c.Running != "") + title
}

func (m *Model) mark(current, running bool) string {
	t := m.theme
	switch {
	case current && m.focused:
		return " " + t.Key.Render(t.Cursor)
	case running && !t.Accessible:
		return " " + t.Good.Render(t.Running) + " "
	}
	return " " + strings.Repeat(" ", lipgloss.Width(t.Cursor))
}

// snippet is a found message, from a little before what matched.
func (m *Model) snippet(h *wire.Hit, width int) string {
	text, start, end := h.Snippet, 0, 0
	if len(h.Marks) > 0 {
		start, end = h.Marks[0][0], h.Marks[0][1]
	}
	if start < 0 || end > len(text) || start >= end {
		return terminal.Truncate(terminal.Line(text), width, m.theme.Ellipsis)
	}
	before := terminal.Line(text[:start])
	for terminal.Width(before) > width/3 {
		_, after, found := strings.Cut(before, " ")
		if !found {
			break
		}
		before = after
	}
	line := before + m.theme.Match.Render(terminal.Line(text[start:end])) + terminal.Line(text[end:])
	return terminal.Truncate(line, width, m.theme.Ellipsis)
}

// tailOf is the end of a line that is being typed.
func tailOf(s string, width int) string {
	for terminal.Width(s) >= width {
		_, n := firstRune(s)
		s = s[n:]
	}
	return s
}

func firstRune(s string) (rune, int) {
	for i, r := range s {
		if i > 0 {
			return r, i
		}
	}
	return 0, len(s)
}

// Title is how a conversation is called.
func Title(c wire.Conversation) string {
	if title := strings.TrimSpace(terminal.Line(c.Title)); title != "" {
		return title
	}
	return "New chat"
}
