package chat

import (
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/markdown"
	"github.com/aichat-term/aichat/tui/theme"
)

// readable is the widest that text is set.
const readable = 110

// Model is the transcript. New makes one; it is not safe for concurrent use.
type Model struct {
	items    []*item
	byID     map[string]*item
	r        *renderers
	thoughts bool

	width, height int
	at            place // the first visible line
	follow        bool
	before        string // cursor of the page before the first item; empty: none
	asked         bool   // for that page
	focused       bool
	selected      int // index; -1: none
	codeAt        int // which code block was copied last

	view  []string
	stale bool
	draws int
}

// renderers draw for a width and a theme; a change of either is a new one.
type renderers struct {
	theme    *theme.Theme
	width    int
	markdown *markdown.Renderer
}

// place is a line of the transcript.
type place struct{ item, block, line int }

// New is an empty transcript.
func New(t *theme.Theme) *Model {
	m := &Model{width: 80, height: 24, follow: true, selected: -1, byID: map[string]*item{}}
	m.SetTheme(t)
	return m
}

// SetTheme changes the look.
func (m *Model) SetTheme(t *theme.Theme) { m.look(t) }

// SetSize changes the window's size; what is visible is laid out anew when it is
// drawn.
func (m *Model) SetSize(width, height int) {
	if m.width == width && m.height == height {
		return
	}
	rewrap := m.width != width
	m.width, m.height = width, height
	m.stale = true
	if rewrap {
		m.look(m.r.theme)
	}
}

func (m *Model) look(t *theme.Theme) {
	width := max(min(m.width-4, readable), 10)
	if m.r != nil && m.r.theme == t && m.r.width == width {
		return
	}
	m.r = &renderers{theme: t, width: width, markdown: markdown.New(t.Markdown(), width)}
	m.at.line = 0 // lines are others now; the block is the same
	m.stale = true
}

func (m *Model) drawing() look { return look{r: m.r, thoughts: m.thoughts} }

// Reset shows another conversation, from its newest messages.
func (m *Model) Reset(page wire.MessagePage) {
	m.items, m.byID = nil, map[string]*item{}
	m.at, m.follow, m.selected, m.codeAt = place{}, true, -1, 0
	m.before, m.asked = page.Before, false
	for _, msg := range page.Messages {
		m.append(newItem(msg))
	}
	m.stale = true
}

func (m *Model) append(it *item) {
	m.items = append(m.items, it)
	m.byID[it.msg.ID] = it
	m.stale = true
}

// Prepend adds the page before the first message; the window stays where it is.
func (m *Model) Prepend(page wire.MessagePage) {
	older := make([]*item, 0, len(page.Messages)+len(m.items))
	for _, msg := range page.Messages {
		if m.byID[msg.ID] == nil {
			it := newItem(msg)
			older, m.byID[msg.ID] = append(older, it), it
		}
	}
	m.at.item += len(older)
	if m.selected >= 0 {
		m.selected += len(older)
	}
	m.items = append(older, m.items...)
	m.before, m.asked = page.Before, false
	m.stale = true
}

// Merge takes over what has changed of the newest messages, and leaves the rest
// as it is drawn. A page of another branch replaces everything from where they
// part.
func (m *Model) Merge(page wire.MessagePage) {
	if len(page.Messages) == 0 {
		return
	}
	at := slices.IndexFunc(m.items, func(it *item) bool { return it.msg.ID == page.Messages[0].ID })
	if at < 0 {
		m.Reset(page)
		return
	}
	for i, msg := range page.Messages {
		if at+i < len(m.items) && m.items[at+i].msg.ID == msg.ID {
			m.items[at+i].update(msg)
			continue
		}
		m.drop(at + i)
		m.append(newItem(msg))
	}
	m.drop(at + len(page.Messages))
	m.stale = true
}

// drop removes the messages from an index on, but one that is being written.
func (m *Model) drop(from int) {
	for i := from; i < len(m.items); i++ {
		delete(m.byID, m.items[i].msg.ID)
	}
	m.items = m.items[:min(from, len(m.items))]
	m.clamp()
}

func (it *item) update(msg wire.Message) {
	if it.running || it.msg.Rev == msg.Rev && len(it.msg.Siblings) == len(msg.Siblings) && sameRating(it.msg.Rating, msg.Rating) && msg.Rev != 0 {
		return
	}
	it.msg = msg
	it.setParts(msg.Parts, msg.Role == wire.RoleAssistant)
	it.msg.Parts = nil
}

func (m *Model) clamp() {
	if m.at.item >= len(m.items) {
		m.at = place{item: max(len(m.items)-1, 0)}
	}
	m.selected = min(m.selected, len(m.items)-1)
}

// Older is the cursor of the page that should be fetched now, once; empty: none
// is wanted.
func (m *Model) Older() string {
	const near = 3
	if m.before == "" || m.asked || m.at.item >= near {
		return ""
	}
	m.asked = true
	return m.before
}

// OlderFailed lets the page be asked for again.
func (m *Model) OlderFailed() { m.asked = false }

// Len is how many messages are there.
func (m *Model) Len() int { return len(m.items) }

// Leaf is the id of the last message; empty: there is none.
func (m *Model) Leaf() string {
	if len(m.items) == 0 {
		return ""
	}
	return m.items[len(m.items)-1].msg.ID
}
