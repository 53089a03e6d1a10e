package dialog

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/terminal"
	"github.com/aichat-term/aichat/tui/theme"
)

// Written is the line that was written, and what it is about.
type Written struct{ Subject, Text string }

// Line asks for one line of text.
type Line struct {
	theme                *theme.Theme
	subject, title, hint string
	typed                []rune
	limit                int // bytes
}

// NewLine asks for a line of at most so many bytes; subject comes back with it, and
// with is what stands there already.
func NewLine(t *theme.Theme, subject, title, hint, with string, limit int) *Line {
	l := &Line{theme: t, subject: subject, title: title, hint: hint, limit: limit}
	l.Paste(with)
	return l
}

// SetTheme changes the look.
func (l *Line) SetTheme(t *theme.Theme) { l.theme = t }

// Key handles a key press.
func (l *Line) Key(msg tea.KeyPressMsg) (ask any) {
	switch msg.String() {
	case "esc", "ctrl+c":
		return Close{}
	case "enter":
		return Written{l.subject, strings.TrimSpace(string(l.typed))}
	case "backspace", "ctrl+h":
		l.typed = l.typed[:max(len(l.typed)-1, 0)]
	case "ctrl+u", "ctrl+w":
		l.typed = nil
	default:
		if msg.Text != "" && msg.Mod&^tea.ModShift == 0 {
			l.add(msg.Text)
		}
	}
	return nil
}

// Paste adds to what is typed, as one line.
func (l *Line) Paste(s string) { l.add(strings.Join(strings.Fields(terminal.Line(s)), " ")) }

// add adds what there is room for.
func (l *Line) add(s string) {
	room := l.limit - len(string(l.typed))
	for _, r := range s {
		if room -= len(string(r)); room < 0 {
			return
		}
		l.typed = append(l.typed, r)
	}
}

// View is a box of at most a width, and where in it text is typed: the end of a
// long line is shown.
func (l *Line) View(width int) (lines []string, x, y int) {
	t := l.theme
	inner := min(width-4, 74)
	prompt := terminal.Width(t.Prompt)
	shown := terminal.Line(string(l.typed))
	for terminal.Width(shown) > inner-prompt-1 {
		_, rest := firstRune(shown)
		shown = rest
	}
	rows := []string{t.Key.Render(t.Prompt) + shown, ""}
	for _, row := range terminal.Wrap(l.hint, inner) {
		rows = append(rows, t.Dim.Render(row))
	}
	return Box(t, l.title, rows, inner), 2 + prompt + terminal.Width(shown), 1
}

func firstRune(s string) (first, rest string) {
	for i := range s {
		if i > 0 {
			return s[:i], s[i:]
		}
	}
	return s, ""
}
