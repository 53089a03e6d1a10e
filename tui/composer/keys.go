package composer

import tea "charm.land/bubbletea/v2"

// Key handles a key press. handled is false for a key that is not the editor's;
// ask is what the person asks for, if anything.
func (m *Model) Key(msg tea.KeyPressMsg) (ask any, handled bool) {
	switch msg.String() {
	case "enter":
		return Send{m.Value()}, true
	case "shift+enter", "alt+enter", "ctrl+j":
		m.Insert("\n")
		return nil, true
	case "up":
		if !m.up() {
			m.walk(1)
		}
		return nil, true
	case "down":
		if !m.down() {
			m.walk(-1)
		}
		return nil, true
	}
	if m.move(msg.String()) || m.delete(msg.String()) {
		return nil, true
	}
	if msg.Text != "" && msg.Mod&^tea.ModShift == 0 {
		m.Insert(msg.Text)
		return nil, true
	}
	return nil, false
}

func (m *Model) move(key string) bool {
	switch key {
	case "left", "ctrl+b":
		m.to(m.left())
	case "right", "ctrl+f":
		m.to(m.right())
	case "ctrl+left", "alt+left", "alt+b":
		m.to(m.wordLeft())
	case "ctrl+right", "alt+right", "alt+f":
		m.to(m.wordRight())
	case "home", "ctrl+a":
		m.to(m.row, 0)
	case "end", "ctrl+e":
		m.to(m.row, len(m.lines[m.row]))
	case "alt+<":
		m.to(0, 0)
	case "alt+>":
		m.to(len(m.lines)-1, len(m.lines[len(m.lines)-1]))
	default:
		return false
	}
	return true
}

func (m *Model) delete(key string) bool {
	switch key {
	case "backspace", "ctrl+h", "shift+backspace":
		m.remove(m.left())
	case "delete":
		m.remove(m.right())
	case "ctrl+w", "alt+backspace", "ctrl+backspace":
		m.remove(m.wordLeft())
	case "alt+d", "ctrl+delete":
		m.remove(m.wordRight())
	case "ctrl+u":
		m.remove(m.row, 0)
	case "ctrl+k":
		if m.col == len(m.lines[m.row]) {
			m.remove(m.right())
		} else {
			m.remove(m.row, len(m.lines[m.row]))
		}
	default:
		return false
	}
	return true
}
