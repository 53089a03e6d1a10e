package dialog

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// What the person asks for.
type (
	// Chosen is what was picked, and in which list.
	Chosen struct{ List, ID string }
	// Close closes the dialog.
	Close struct{}
	// Refused says why an entry cannot be picked.
	Refused struct{ Why string }
)

// Entry is one line of a list.
type Entry struct {
	ID, Label, Detail string
	// Refusal says why it cannot be picked; empty: it can.
	Refusal string
}

// Picker is a list that is narrowed by typing.
type Picker struct {
	list, title string
	entries     []Entry
	note        string // what stands in place of entries, or below them
	typed       string
	cursor, top int
	theme       *theme.Theme
}

// NewPicker is a list; its name comes back with what is chosen.
func NewPicker(t *theme.Theme, list, title string) *Picker {
	return &Picker{theme: t, list: list, title: title}
}

// List is the list's name.
func (p *Picker) List() string { return p.list }

// SetEntries fills the list; current is put under the cursor.
func (p *Picker) SetEntries(entries []Entry, current, note string) {
	p.entries, p.note = entries, note
	if i := slices.IndexFunc(p.found(), func(e Entry) bool { return e.ID == current }); i >= 0 {
		p.cursor = i
	}
}

// SetTheme changes the look.
func (p *Picker) SetTheme(t *theme.Theme) { p.theme = t }

// found are the entries that match, best first.
func (p *Picker) found() []Entry {
	if p.typed == "" {
		return p.entries
	}
	type scored struct {
		Entry
		points int
	}
	var all []scored
	for _, e := range p.entries {
		if n, ok := score(e.Label, p.typed); ok {
			all = append(all, scored{e, n})
		}
	}
	slices.SortStableFunc(all, func(a, b scored) int { return b.points - a.points })
	found := make([]Entry, len(all))
	for i := range all {
		found[i] = all[i].Entry
	}
	return found
}

// Key handles a key press.
func (p *Picker) Key(msg tea.KeyPressMsg) (ask any) {
	found := p.found()
	switch msg.String() {
	case "esc", "ctrl+c":
		return Close{}
	case "enter", "tab":
		if p.cursor >= len(found) {
			return nil
		}
		if why := found[p.cursor].Refusal; why != "" {
			return Refused{why}
		}
		return Chosen{List: p.list, ID: found[p.cursor].ID}
	case "up", "ctrl+p":
		p.cursor = max(p.cursor-1, 0)
	case "down", "ctrl+n":
		p.cursor = min(p.cursor+1, max(len(found)-1, 0))
	case "pgup":
		p.cursor = max(p.cursor-8, 0)
	case "pgdown":
		p.cursor = min(p.cursor+8, max(len(found)-1, 0))
	case "home":
		p.cursor = 0
	case "end":
		p.cursor = max(len(found)-1, 0)
	case "backspace", "ctrl+h":
		r := []rune(p.typed)
		p.retype(string(r[:max(len(r)-1, 0)]))
	case "ctrl+u", "ctrl+w":
		p.retype("")
	default:
		if msg.Text != "" && msg.Mod&^tea.ModShift == 0 {
			p.retype(p.typed + msg.Text)
		}
	}
	return nil
}

func (p *Picker) retype(s string) { p.typed, p.cursor, p.top = s, 0, 0 }

// Paste adds to what is typed.
func (p *Picker) Paste(s string) { p.retype(p.typed + terminal.Line(strings.TrimSpace(s))) }

// View is a box of at most a size, and where in it text is typed.
func (p *Picker) View(width, height int) (lines []string, x, y int) {
	t := p.theme
	inner := min(width-4, 84)
	found := p.found()
	var notes []string
	if p.note != "" {
		notes = terminal.Wrap(terminal.Clean(p.note), inner)
		notes = notes[:min(len(notes), 4)]
	}
	room := max(height-6-len(notes), 1)
	if p.cursor < p.top {
		p.top = p.cursor
	}
	if p.cursor >= p.top+room {
		p.top = p.cursor - room + 1
	}
	rows := []string{t.Key.Render(t.Prompt) + terminal.Line(p.typed), ""}
	if p.typed == "" {
		rows[0] += t.Dim.Render("type to narrow the list")
	}
	for i := p.top; i < len(found) && i < p.top+room; i++ {
		rows = append(rows, p.row(found[i], i == p.cursor, inner))
	}
	if len(found) == 0 && len(p.entries) > 0 {
		rows = append(rows, t.Dim.Render("Nothing matches."))
	}
	for _, n := range notes {
		rows = append(rows, t.Dim.Render(n))
	}
	title := p.title
	if len(found) > room {
		title += fmt.Sprintf(" (%d of %d)", p.cursor+1, len(found))
	}
	return Box(t, title, rows, inner), 2 + lipgloss.Width(t.Prompt) + terminal.Width(terminal.Line(p.typed)), 1
}

func (p *Picker) row(e Entry, current bool, width int) string {
	t := p.theme
	mark := strings.Repeat(" ", lipgloss.Width(t.Cursor))
	label := terminal.Line(e.Label)
	detail := terminal.Line(e.Detail)
	room := width - lipgloss.Width(mark)
	right := min(terminal.Width(detail), room/2)
	label = terminal.Pad(label, room-right-1, t.Ellipsis)
	detail = terminal.Truncate(detail, right, t.Ellipsis)
	switch {
	case current:
		return t.Key.Render(t.Cursor) + t.Key.Bold(true).Render(label) + " " + t.Dim.Render(detail)
	case e.Refusal != "":
		return mark + t.Dim.Render(label+" "+detail)
	}
	return mark + label + " " + t.Dim.Render(detail)
}
