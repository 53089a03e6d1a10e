package composer

// historyLimit is how many texts are remembered.
const historyLimit = 200

// history is what was sent, oldest first, and where in it the person is.
type history struct {
	sent  []string
	at    int    // from the end; 0: not in it
	draft string // what was typed before going into it
}

// Remember adds a text to what the up key brings back.
func (m *Model) Remember(text string) {
	h := &m.history
	if text == "" || len(h.sent) > 0 && h.sent[len(h.sent)-1] == text {
		return
	}
	h.sent = append(h.sent, text)
	if len(h.sent) > historyLimit {
		h.sent = h.sent[1:]
	}
	h.at = 0
}

// leave ends the walk: what is shown is being changed.
func (h *history) leave() { h.at = 0 }

// walk goes back (1) or forth (-1), if it can.
func (m *Model) walk(by int) {
	h := &m.history
	at := h.at + by
	if at < 0 || at > len(h.sent) {
		return
	}
	if h.at == 0 {
		h.draft = m.Value()
	}
	text := h.draft
	if at > 0 {
		text = h.sent[len(h.sent)-at]
	}
	m.SetValue(text)
	h.at = at
	if by > 0 {
		m.to(0, 0)
	}
}
