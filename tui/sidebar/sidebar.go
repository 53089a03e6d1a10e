package sidebar

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/theme"
)

type (
	// Open asks for a conversation, at a message where one was found.
	Open struct{ ID, Message string }
	// Rename asks for another title.
	Rename struct{ ID, Title string }
	// Delete asks for a conversation to be deleted.
	Delete struct{ ID string }
	// Undo asks for the conversation deleted last to be restored.
	Undo struct{}
	// Search asks for messages. Results of an older Seq are of no use any more.
	Search struct {
		Query string
		Seq   int
	}
	// More asks for the next page of the list.
	More struct{ Cursor string }
	// Leave gives the keys back.
	Leave struct{}
)

// mode is what the keys do.
type mode uint8

const (
	browsing mode = iota
	renaming
	deleting
)

// Model is the list. New makes one; it is not safe for concurrent use.
type Model struct {
	theme         *theme.Theme
	width, height int
	focused       bool

	all    []wire.Conversation // newest first
	next   string              // cursor of the next page
	asked  bool                // for it
	loaded bool
	failed string
	open   string // the conversation that is shown

	filter string
	hits   []wire.Hit
	seq    int
	sought int // the newest Seq that was answered

	mode   mode
	title  string // while renaming
	cursor int    // in rows
	top    int

	view  []string
	stale bool
}

// New is an empty list.
func New(t *theme.Theme) *Model { return &Model{theme: t, stale: true, width: 28, height: 20} }

// SetTheme changes the look.
func (m *Model) SetTheme(t *theme.Theme) { m.theme, m.stale = t, true }

// SetSize changes the size.
func (m *Model) SetSize(width, height int) {
	if m.width != width || m.height != height {
		m.width, m.height, m.stale = width, height, true
	}
}

// Focus says whether keys go to the list.
func (m *Model) Focus(on bool) {
	m.focused, m.stale, m.mode = on, true, browsing
	if on {
		m.cursorTo(m.open)
	}
}

// SetOpen says which conversation is shown.
func (m *Model) SetOpen(id string) { m.open, m.stale = id, true }

// SetPage takes the newest page of the list; what was loaded beyond it stays.
func (m *Model) SetPage(page wire.ConversationPage) {
	selected := m.selectedID()
	older := slices.DeleteFunc(slices.Clone(m.all), func(c wire.Conversation) bool {
		return page.Next == "" || len(page.Conversations) == 0 || slices.ContainsFunc(page.Conversations, func(d wire.Conversation) bool { return d.ID == c.ID }) ||
			!c.UpdatedAt.Before(page.Conversations[len(page.Conversations)-1].UpdatedAt)
	})
	if len(older) == 0 {
		m.next = page.Next
	}
	m.all = append(slices.Clone(page.Conversations), older...)
	m.loaded, m.failed, m.asked, m.stale = true, "", false, true
	m.cursorTo(selected)
}

// AddPage takes a page further down.
func (m *Model) AddPage(page wire.ConversationPage) {
	for _, c := range page.Conversations {
		if m.Find(c.ID) == nil {
			m.all = append(m.all, c)
		}
	}
	m.next, m.asked, m.stale = page.Next, false, true
}

// Fail says why there is no list.
func (m *Model) Fail(why string) { m.failed, m.asked, m.stale = why, false, true }

// Update takes over a conversation, or adds it.
func (m *Model) Update(c wire.Conversation) {
	selected := m.selectedID()
	if old := m.Find(c.ID); old != nil {
		*old = c
	} else if c.Listed {
		m.all = append([]wire.Conversation{c}, m.all...)
	}
	slices.SortStableFunc(m.all, func(a, b wire.Conversation) int { return b.UpdatedAt.Compare(a.UpdatedAt) })
	m.stale = true
	m.cursorTo(selected)
}

// Remove takes a conversation out of the list.
func (m *Model) Remove(id string) {
	m.all = slices.DeleteFunc(m.all, func(c wire.Conversation) bool { return c.ID == id })
	m.hits = slices.DeleteFunc(m.hits, func(h wire.Hit) bool { return h.Conversation == id })
	m.cursor = min(m.cursor, max(len(m.rows())-1, 0))
	m.stale = true
}

// Find is a conversation of the list; nil: it is not in what is loaded.
func (m *Model) Find(id string) *wire.Conversation {
	for i := range m.all {
		if m.all[i].ID == id {
			return &m.all[i]
		}
	}
	return nil
}

// SetHits takes what a search found, if it is the last that was asked for.
func (m *Model) SetHits(seq int, hits []wire.Hit) {
	if seq != m.seq {
		return
	}
	m.hits, m.sought, m.stale = hits, seq, true
}

// Wants reports whether the results of a search are still wanted.
func (m *Model) Wants(seq int) bool { return seq == m.seq && m.sought != seq }

// row is a line that can be chosen.
type row struct {
	conversation *wire.Conversation
	hit          *wire.Hit
}

// rows are the conversations whose title matches, then the messages found.
func (m *Model) rows() []row {
	var rows []row
	words := strings.Fields(strings.ToLower(m.filter))
	for i := range m.all {
		if matches(m.all[i].Title, words) {
			rows = append(rows, row{conversation: &m.all[i]})
		}
	}
	if m.filter != "" {
		for i := range m.hits {
			rows = append(rows, row{hit: &m.hits[i]})
		}
	}
	return rows
}

func matches(title string, words []string) bool {
	title = strings.ToLower(title)
	for _, w := range words {
		if !strings.Contains(title, w) {
			return false
		}
	}
	return true
}

func (m *Model) current() (row, bool) {
	rows := m.rows()
	if m.cursor < 0 || m.cursor >= len(rows) {
		return row{}, false
	}
	return rows[m.cursor], true
}

func (m *Model) selectedID() string {
	if r, ok := m.current(); ok && r.conversation != nil {
		return r.conversation.ID
	}
	return ""
}

// cursorTo puts the cursor on a conversation, if it is there.
func (m *Model) cursorTo(id string) {
	for i, r := range m.rows() {
		if id != "" && r.conversation != nil && r.conversation.ID == id {
			m.cursor = i
			return
		}
	}
	m.cursor = min(m.cursor, max(len(m.rows())-1, 0))
}
