package sidebar

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/terminal"
)

// searchFrom is how many characters are worth a search.
const searchFrom = 2

// Key handles a key press. ask is what the person asks for; handled is false for
// a key that is not the list's.
func (m *Model) Key(msg tea.KeyPressMsg) (ask any, handled bool) {
	m.stale = true
	switch m.mode {
	case renaming:
		return m.renameKey(msg), true
	case deleting:
		return m.deleteKey(msg), true
	}
	switch msg.String() {
	case "up", "ctrl+p":
		return m.move(-1), true
	case "down", "ctrl+n":
		if msg.String() == "ctrl+n" && m.filter == "" {
			return nil, false // a new chat
		}
		return m.move(1), true
	case "pgup":
		return m.move(-m.height / 2), true
	case "pgdown":
		return m.move(m.height / 2), true
	case "home":
		return m.move(-len(m.all) - len(m.hits)), true
	case "end":
		return m.move(len(m.all) + len(m.hits)), true
	case "enter", "tab", "right":
		return m.choose(), true
	case "esc":
		return m.escape(), true
	case "ctrl+r":
		return nil, m.startRename()
	case "ctrl+x":
		return nil, m.startDelete()
	case "ctrl+u":
		return Undo{}, true
	}
	return m.typeFilter(msg)
}

// Paste adds pasted text to what is being typed.
func (m *Model) Paste(text string) (ask any) {
	text = terminal.Line(strings.TrimSpace(text))
	m.stale = true
	switch m.mode {
	case renaming:
		m.title += text
		return nil
	case deleting:
		return nil
	}
	return m.setFilter(m.filter + text)
}

func (m *Model) move(by int) any {
	n := len(m.rows())
	m.cursor = min(max(m.cursor+by, 0), max(n-1, 0))
	if m.cursor >= n-m.height/2 && m.next != "" && !m.asked {
		m.asked = true
		return More{m.next}
	}
	return nil
}

func (m *Model) choose() any {
	r, ok := m.current()
	if !ok {
		return nil
	}
	var ask Open
	if r.hit != nil {
		ask = Open{ID: r.hit.Conversation, Message: r.hit.Message}
	} else {
		ask = Open{ID: r.conversation.ID}
	}
	m.setFilter("")
	return ask
}

func (m *Model) escape() any {
	if m.filter != "" {
		return m.setFilter("")
	}
	return Leave{}
}

func (m *Model) startRename() bool {
	r, ok := m.current()
	if ok && r.conversation != nil {
		m.mode, m.title = renaming, r.conversation.Title
	}
	return true
}

func (m *Model) startDelete() bool {
	if r, ok := m.current(); ok && r.conversation != nil {
		m.mode = deleting
	}
	return true
}

func (m *Model) renameKey(msg tea.KeyPressMsg) any {
	switch msg.String() {
	case "esc":
		m.mode = browsing
	case "enter":
		m.mode = browsing
		title := strings.TrimSpace(m.title)
		if r, ok := m.current(); ok && r.conversation != nil && title != "" && title != r.conversation.Title {
			return Rename{ID: r.conversation.ID, Title: title}
		}
	default:
		m.title = edit(m.title, msg)
	}
	return nil
}

func (m *Model) deleteKey(msg tea.KeyPressMsg) any {
	m.mode = browsing
	if r, ok := m.current(); ok && r.conversation != nil && strings.ToLower(msg.String()) == "y" {
		return Delete{ID: r.conversation.ID}
	}
	return nil
}

func (m *Model) typeFilter(msg tea.KeyPressMsg) (any, bool) {
	text := edit(m.filter, msg)
	if text == m.filter {
		return nil, false
	}
	return m.setFilter(text), true
}

func (m *Model) setFilter(text string) any {
	m.filter, m.cursor, m.top = text, 0, 0
	m.hits = nil
	m.seq++
	if len([]rune(strings.TrimSpace(text))) < searchFrom {
		m.sought = m.seq
		return nil
	}
	return Search{Query: strings.TrimSpace(text), Seq: m.seq}
}

// edit is a line of text after a key.
func edit(s string, msg tea.KeyPressMsg) string {
	switch msg.String() {
	case "backspace", "ctrl+h":
		r := []rune(s)
		return string(r[:max(len(r)-1, 0)])
	case "ctrl+w":
		s = strings.TrimRight(s, " ")
		return s[:strings.LastIndexByte(s, ' ')+1]
	}
	if msg.Text == "" || msg.Mod&^tea.ModShift != 0 {
		return s
	}
	return s + msg.Text
}
