package chat

// lines of the block at a place; nil where there are none.
func (m *Model) blockAt(p place) []string {
	if p.item < 0 || p.item >= len(m.items) {
		return nil
	}
	lines, _ := m.items[p.item].block(p.block, m.drawing())
	return lines
}

// nextBlock is the block after a place's; ok is false at the end.
func (m *Model) nextBlock(p place) (next place, ok bool) {
	for p.item < len(m.items) {
		p.block, p.line = p.block+1, 0
		if p.block >= m.items[p.item].count(m.drawing()) {
			p.item, p.block = p.item+1, 0
		}
		if len(m.blockAt(p)) > 0 {
			return p, true
		}
	}
	return p, false
}

// previousBlock is the block before a place's, at its last line.
func (m *Model) previousBlock(p place) (previous place, ok bool) {
	for {
		p.block--
		if p.block < 0 {
			if p.item--; p.item < 0 {
				return place{}, false
			}
			p.block = m.items[p.item].count(m.drawing()) - 1
		}
		if n := len(m.blockAt(p)); n > 0 {
			p.line = n - 1
			return p, true
		}
	}
}

// down is the place n lines further, or as far as there is; left is how many were
// missing.
func (m *Model) down(p place, n int) (to place, left int) {
	for n > 0 {
		rest := len(m.blockAt(p)) - 1 - p.line
		if n <= rest {
			p.line += n
			return p, 0
		}
		next, ok := m.nextBlock(p)
		if !ok {
			p.line += max(rest, 0)
			return p, n - max(rest, 0)
		}
		n -= max(rest, 0) + 1
		p = next
	}
	return p, 0
}

// up is the place n lines before, or as far as there is.
func (m *Model) up(p place, n int) place {
	for n > 0 {
		if n <= p.line {
			p.line -= n
			return p
		}
		n -= p.line
		p.line = 0
		previous, ok := m.previousBlock(p)
		if !ok {
			return p
		}
		p = previous
		n--
	}
	return p
}

// bottom is the place from which the last line is the last one visible.
func (m *Model) bottom() place {
	end, ok := m.previousBlock(place{item: len(m.items)})
	if !ok {
		return place{}
	}
	return m.up(end, m.height-1)
}

// before reports whether a place is before another.
func (p place) before(q place) bool {
	switch {
	case p.item != q.item:
		return p.item < q.item
	case p.block != q.block:
		return p.block < q.block
	}
	return p.line < q.line
}

// Scroll moves the window by lines, back if negative. Going back ends following;
// reaching the end takes it up again.
func (m *Model) Scroll(by int) {
	if len(m.items) == 0 {
		return
	}
	from := m.at
	if m.follow {
		from = m.bottom()
	}
	if by < 0 {
		m.at = m.up(from, -by)
		if m.at != from {
			m.follow = false
		}
	} else {
		m.at, _ = m.down(from, by)
		m.follow = !m.at.before(m.bottom())
	}
	m.stale = true
}

// Page scrolls by windows, Half by half ones.
func (m *Model) Page(by int) { m.Scroll(by * max(m.height-2, 1)) }

// Half scrolls by half windows.
func (m *Model) Half(by int) { m.Scroll(by * max(m.height/2, 1)) }

// Home goes to the first message that is loaded.
func (m *Model) Home() {
	m.at, m.follow, m.stale = place{}, len(m.items) == 0, true
}

// FollowEnd goes to the end and follows it.
func (m *Model) FollowEnd() { m.follow, m.stale = true, true }

// Following reports whether the window follows the end.
func (m *Model) Following() bool { return m.follow }

// Show brings a message into the window; false: it is not loaded.
func (m *Model) Show(id string) bool {
	for i, it := range m.items {
		if it.msg.ID == id {
			m.at, m.follow, m.stale = place{item: i}, false, true
			m.selected = i
			if !m.at.before(m.bottom()) {
				m.at = m.bottom()
			}
			return true
		}
	}
	return false
}

// View is the window: height lines, each no wider than the width. The slice is
// the model's own.
func (m *Model) View() []string {
	if !m.stale && m.view != nil {
		return m.view
	}
	m.draws++
	m.stale = false
	if m.follow {
		m.at = m.bottom()
	} else {
		m.anchor()
	}
	m.view = make([]string, 0, m.height)
	p := m.at
	for len(m.view) < m.height && p.item < len(m.items) {
		lines := m.blockAt(p)
		prefix := m.prefix(p.item)
		for _, l := range lines[min(p.line, len(lines)):] {
			if len(m.view) == m.height {
				break
			}
			m.view = append(m.view, decorate(prefix, l, p))
		}
		next, ok := m.nextBlock(p)
		if !ok {
			break
		}
		p = next
	}
	for len(m.view) < m.height {
		m.view = append(m.view, "")
	}
	return m.view
}

// anchor keeps the window on lines that exist.
func (m *Model) anchor() {
	m.clamp()
	if n := len(m.blockAt(m.at)); m.at.line >= n {
		m.at.line = max(n-1, 0)
	}
	if bottom := m.bottom(); bottom.before(m.at) {
		m.at, m.follow = bottom, true
	}
}

// prefix is what stands before each line of a message.
func (m *Model) prefix(i int) string {
	t := m.r.theme
	switch {
	case m.focused && i == m.selected:
		return " " + t.Key.Render(t.Mark)
	case t.Accessible:
		return ""
	case m.items[i].msg.Role == "user":
		return " " + t.Accent.Render(t.User)
	}
	return "   "
}

// decorate puts the prefix before a line; the blank line between messages has
// none.
func decorate(prefix, line string, p place) string {
	if line == "" && p.block == 0 {
		return ""
	}
	return prefix + line
}
