package chat

import "github.com/aichat-term/aichat/client/wire"

// Begin shows an answer that is about to be written, after its question where
// that is new too. What stood after parent before is on another branch now.
func (m *Model) Begin(parent string, question *wire.Message, answer wire.Message) {
	for i, it := range m.items {
		if it.msg.ID == parent {
			m.drop(i + 1)
			break
		}
	}
	if parent == "" || parent == wire.ParentRoot {
		m.drop(0)
	}
	if question != nil {
		m.append(newItem(*question))
	}
	it := newItem(answer)
	it.running = true
	m.append(it)
	m.follow = true
	m.selected = -1
}

// Attach shows an answer that is being written: it will be told from its
// beginning.
func (m *Model) Attach(answer wire.Message) {
	it := m.byID[answer.ID]
	if it == nil {
		it = newItem(answer)
		m.append(it)
	}
	it.running = true
	it.setParts(nil, true)
	m.stale = true
}

// Withdraw takes back what Begin showed: the server refused it.
func (m *Model) Withdraw(ids ...string) {
	for _, id := range ids {
		for i, it := range m.items {
			if it.msg.ID == id {
				m.items = append(m.items[:i], m.items[i+1:]...)
				delete(m.byID, id)
				break
			}
		}
	}
	m.clamp()
	m.stale = true
}

// Delta adds to an answer. An answer that is not shown is not looked for.
func (m *Model) Delta(id string, d wire.Delta) {
	if it := m.byID[id]; it != nil {
		it.notice = ""
		it.delta(d)
		m.stale = true
	}
}

// Snapshot replaces what was told of an answer.
func (m *Model) Snapshot(id string, s wire.Snapshot) {
	if it := m.byID[id]; it != nil {
		it.setParts(s.Parts, true)
		m.stale = true
	}
}

// Notice says something of an answer until its next word.
func (m *Model) Notice(id, text string) {
	if it := m.byID[id]; it != nil {
		it.notice = text
		it.blocks.changed()
		m.stale = true
	}
}

// End says how an answer ended.
func (m *Model) End(id string, msg wire.Message) {
	if it := m.byID[id]; it != nil {
		it.end(msg)
		m.stale = true
	}
}

// Running reports whether an answer is being written here.
func (m *Model) Running() bool {
	return len(m.items) > 0 && m.items[len(m.items)-1].running
}

// Spent is what the messages shown have used and cost, in tokens and
// micro-dollars; whole is false where older messages are not loaded or a price is
// not known.
func (m *Model) Spent() (tokens, micro int64, whole bool) {
	whole = m.before == ""
	for _, it := range m.items {
		u := it.msg.Usage
		if u == nil {
			continue
		}
		tokens += u.Input + u.CachedRead + u.CachedWrite + u.Output
		if u.CostMicroUSD != nil {
			micro += *u.CostMicroUSD
		}
	}
	return tokens, micro, whole
}

// UnsureRev as a message's Rev says that how it ended is only guessed.
const UnsureRev = -1

// Unsure reports whether the last message's end is only guessed.
func (m *Model) Unsure() bool {
	return len(m.items) > 0 && m.items[len(m.items)-1].msg.Rev == UnsureRev
}
