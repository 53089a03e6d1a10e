package chat

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/markdown"
)

// Focus says whether keys go to the transcript: then a message is selected.
func (m *Model) Focus(on bool) {
	m.focused, m.stale = on, true
	if on && (m.selected < 0 || m.follow) {
		m.selected = len(m.items) - 1
	}
}

// Select moves the selection by messages and brings it into the window.
func (m *Model) Select(by int) {
	if len(m.items) == 0 {
		return
	}
	m.selected = min(max(m.selected+by, 0), len(m.items)-1)
	m.codeAt = 0
	m.at, m.follow, m.stale = place{item: m.selected}, false, true
	if !m.at.before(m.bottom()) {
		m.follow = true
	}
}

// Selected is the message that is selected, or the last one; nil: there is none.
// Its Parts are as the server told them.
func (m *Model) Selected() *wire.Message {
	i := len(m.items) - 1
	if m.focused && m.selected >= 0 {
		i = m.selected
	}
	if i < 0 {
		return nil
	}
	return m.items[i].message()
}

func (it *item) message() *wire.Message {
	msg := it.msg
	msg.Parts = make([]wire.Part, len(it.parts))
	for i := range it.parts {
		msg.Parts[i] = it.parts[i].Part
		msg.Parts[i].Text = it.parts[i].text.String()
	}
	return &msg
}

// Last is the last message of a role; nil: there is none.
func (m *Model) Last(role string) *wire.Message {
	for _, it := range slices.Backward(m.items) {
		if it.msg.Role == role {
			return it.message()
		}
	}
	return nil
}

// Questions are the texts of the questions that are loaded, oldest first.
func (m *Model) Questions() []string {
	var q []string
	for _, it := range m.items {
		if it.msg.Role == wire.RoleUser {
			q = append(q, it.text())
		}
	}
	return q
}

// Text is what a message says, byte for byte.
func Text(msg *wire.Message) string {
	var b strings.Builder
	for _, p := range msg.Parts {
		if p.Type == wire.PartText {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// NextCode is the next code block of the selected answer, or of the last one:
// from its last block backwards, then round again. n of total says which.
func (m *Model) NextCode() (code string, n, total int) {
	msg := m.Selected()
	if msg == nil || msg.Role != wire.RoleAssistant {
		msg = m.Last(wire.RoleAssistant)
	}
	if msg == nil {
		return "", 0, 0
	}
	found := markdown.CodeBlocks(Text(msg))
	if len(found) == 0 {
		return "", 0, 0
	}
	m.codeAt = m.codeAt%len(found) + 1
	n = len(found) - m.codeAt
	return found[n], n + 1, len(found)
}

// ToggleThoughts unfolds or folds what models thought.
func (m *Model) ToggleThoughts() { m.thoughts, m.stale = !m.thoughts, true }

// Sibling is the alternative to a message, by steps; empty: there is none there.
func Sibling(msg *wire.Message, by int) string {
	for i, id := range msg.Siblings {
		if id == msg.ID && i+by >= 0 && i+by < len(msg.Siblings) {
			return msg.Siblings[i+by]
		}
	}
	return ""
}

// Draws is how often the window was drawn: for tests of what is not drawn again.
func (m *Model) Draws() int { return m.draws }

// Path is the ids of the messages that are loaded, oldest first.
func (m *Model) Path() []string {
	ids := make([]string, len(m.items))
	for i, it := range m.items {
		ids[i] = it.msg.ID
	}
	return ids
}

// Branching is a message that has alternatives: the selected one, or the last
// there is; nil: there is none.
func (m *Model) Branching(selected bool) *wire.Message {
	if selected && m.selected >= 0 && m.selected < len(m.items) && len(m.items[m.selected].msg.Siblings) > 1 {
		return m.items[m.selected].message()
	}
	for _, it := range slices.Backward(m.items) {
		if len(it.msg.Siblings) > 1 {
			return it.message()
		}
	}
	return nil
}
