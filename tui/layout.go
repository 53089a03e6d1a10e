package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/dialog"
	"github.com/aichat-term/aichat/tui/figure"
	"github.com/aichat-term/aichat/tui/sidebar"
	"github.com/aichat-term/aichat/tui/statusbar"
	"github.com/aichat-term/aichat/tui/terminal"
)

// Sizes in cells.
const (
	leastWidth, leastHeight = 40, 10

	listWidth = 30  // of the sidebar, its border not counted
	roomWidth = 100 // from which the sidebar stands beside the transcript

	composerLimit = 12 // rows, and never more than a third of the screen
)

// View implements tea.Model. It joins what the parts have drawn.
func (a *App) View() tea.View {
	if a.stale {
		a.stale = false
		a.frame = a.draw()
	}
	return a.frame
}

func (a *App) draw() tea.View {
	v := tea.NewView("")
	v.AltScreen = true
	v.WindowTitle = "aichat"
	if a.conv.exists {
		v.WindowTitle = sidebar.Title(a.conv.head) + " - aichat"
	}
	if a.mouse && !a.theme.Accessible {
		v.MouseMode = tea.MouseModeCellMotion
	}
	switch {
	case a.width == 0:
		return v
	case a.width < leastWidth || a.height < leastHeight:
		v.Content = strings.Join(tooSmall(a.width, a.height), "\n")
		return v
	}
	lines, cursor := a.screen()
	v.Cursor = cursor
	v.Content = strings.Join(lines, "\n")
	if a.theme.ASCII {
		v.Content = terminal.ASCII(v.Content)
		v.WindowTitle = terminal.ASCII(v.WindowTitle)
	}
	return v
}

// tooSmall says, in as many words as there is room for, how large a screen must
// be.
func tooSmall(width, height int) (rows []string) {
	for _, say := range []string{"Too small for the chats: they need %d by %d characters.", "Too small: %dx%d is needed.", "needs %dx%d", "%dx%d"} {
		rows = terminal.Wrap(fmt.Sprintf(say, leastWidth, leastHeight), width)
		if len(rows) <= height {
			break
		}
	}
	return rows[:min(len(rows), height)]
}

// roomForList reports whether the list fits beside the transcript.
func (a *App) roomForList() bool { return a.width >= roomWidth }

// screen is all lines, and where the cursor stands.
func (a *App) screen() ([]string, *tea.Cursor) {
	list := a.listShown && (a.roomForList() || a.focus == onSidebar)
	x, width := 0, a.width
	switch {
	case list && a.roomForList():
		x, width = listWidth+1, a.width-listWidth-1
	case list:
		a.sidebar.SetSize(a.width, a.height)
		return a.sidebar.View(), a.listCursor()
	}
	lines, cursor := a.main(width)
	if list {
		a.sidebar.SetSize(listWidth, a.height)
		border := a.theme.Dim.Render(a.theme.Vertical)
		for i, l := range a.sidebar.View() {
			lines[i] = l + border + lines[i]
		}
	}
	if cursor != nil {
		cursor.X += x
	}
	if a.focus == onSidebar && !a.covered() {
		cursor = a.listCursor()
	}
	return lines, cursor
}

func (a *App) listCursor() *tea.Cursor {
	if x, y, ok := a.sidebar.Cursor(); ok {
		return steady(x, y)
	}
	return nil
}

// steady is a cursor that does not blink by our doing.
func steady(x, y int) *tea.Cursor {
	c := tea.NewCursor(x, y)
	c.Shape, c.Blink = tea.CursorBar, false
	return c
}

// main is everything but the list.
func (a *App) main(width int) ([]string, *tea.Cursor) {
	t := a.theme
	limit := min(composerLimit, max(a.height/3, 1))
	prompt := terminal.Width(a.theme.Prompt)
	a.composer.SetSize(width-2-prompt, limit)
	typed, cx, cy := a.composer.View()
	rule := a.rule(width)
	top := a.height - len(typed) - len(rule) - 1 // the transcript and its head
	a.chat.SetSize(width, top-1)
	lines := make([]string, 0, a.height)
	lines = append(lines, a.head(width))
	lines = append(lines, a.body(width, top-1)...)
	lines = append(lines, rule...)
	for i, row := range typed {
		lines = append(lines, terminal.Truncate(a.typedRow(row, i == 0, prompt), width, t.Ellipsis))
	}
	lines = append(lines, a.status(width))
	var cursor *tea.Cursor
	if a.focus == onComposer {
		cursor = steady(1+prompt+cx, top+len(rule)+cy)
	}
	return a.overlay(lines, width, cursor)
}

func (a *App) typedRow(row string, first bool, prompt int) string {
	t := a.theme
	style := t.Dim
	if a.focus == onComposer {
		style = t.Accent
	}
	switch {
	case first && a.composer.Empty():
		return " " + style.Render(t.Prompt) + t.Dim.Render(a.placeholder())
	case first:
		return " " + style.Render(t.Prompt) + row
	}
	return strings.Repeat(" ", 1+prompt) + row
}

func (a *App) placeholder() string {
	switch {
	case a.focus == onTranscript:
		return "tab writes, y copies, e edits, r asks again, + and - rate, w says why"
	case a.running():
		return ""
	}
	return "Ask anything"
}

// overlay draws the dialog that is open.
func (a *App) overlay(lines []string, width int, cursor *tea.Cursor) ([]string, *tea.Cursor) {
	switch {
	case a.picker != nil:
		box, bx, by := a.picker.View(width-2, a.height-3)
		drawn, x, y := dialog.Over(lines, box, width)
		return drawn, steady(x+bx, y+by)
	case a.signIn != nil:
		drawn, _, _ := dialog.Over(lines, a.signIn.View(width-2, a.height-3), width)
		return drawn, nil
	case a.line != nil:
		box, bx, by := a.line.View(width - 2)
		drawn, x, y := dialog.Over(lines, box, width)
		return drawn, steady(x+bx, y+by)
	case a.usage != nil:
		drawn, _, _ := dialog.Over(lines, a.usage.View(width-2, a.height-3), width)
		return drawn, nil
	case a.pages != nil:
		drawn, _, _ := dialog.Over(lines, a.pages.View(width-2, a.height-3), width)
		return drawn, nil
	}
	return lines, cursor
}

// covered reports whether a dialog is open.
func (a *App) covered() bool {
	return a.picker != nil || a.pages != nil || a.usage != nil || a.line != nil || a.signIn != nil
}

// head is the title.
func (a *App) head(width int) string {
	title := "New chat"
	if a.conv.exists {
		title = sidebar.Title(a.conv.head)
	}
	return " " + a.theme.Title.Render(terminal.Truncate(title, width-2, a.theme.Ellipsis))
}

// body is the transcript, or what stands in its place.
func (a *App) body(width, height int) []string {
	t := a.theme
	switch {
	case a.chat.Len() > 0:
		return a.chat.View()
	case a.conv.failed != "":
		return centre(width, height, paragraph(t.Bad.Render, a.conv.failed, width), nil,
			[]string{t.Dim.Render("ctrl+s lists your chats, ctrl+n begins a new one.")})
	case a.conv.loading:
		return centre(width, height, []string{t.Dim.Render("Loading" + t.Ellipsis)})
	}
	return centre(width, height, a.welcome(width)...)
}

// welcome is what a new chat says: what to type, and where a model is missing,
// how to get one.
func (a *App) welcome(width int) [][]string {
	t := a.theme
	parts := [][]string{
		{t.Title.Render("What would you like to know?")},
		paragraph(t.Dim.Render, "Type below and press enter. "+a.breakHint()+" breaks the line.", width),
		nil,
		{t.Key.Render("ctrl+s") + t.Dim.Render(" chats   ") + t.Key.Render("ctrl+l") + t.Dim.Render(" model   ") + t.Key.Render("f1") + t.Dim.Render(" help")},
	}
	if strings.HasPrefix(a.model(), "demo/") || a.model() == "demo" {
		parts = append(parts, nil, paragraph(t.Warn.Render, a.whyDemo(), width))
	}
	return parts
}

// whyDemo says why the demo answers, and what can be done about it here.
func (a *App) whyDemo() string {
	if a.remote() {
		return "This server has no provider key for you, so the built-in demo answers: it is no AI. " +
			"Ask its operator, or add a key of your own: aichat keys add anthropic"
	}
	return "No provider key was found, so the built-in demo answers: it is no AI. " +
		"Set ANTHROPIC_API_KEY, OPENAI_API_KEY or GEMINI_API_KEY and start again, or run Ollama."
}

// remote reports whether the server is known to be another machine's, to which the
// variables of this one are nothing.
func (a *App) remote() bool { return a.server != nil && !a.server.Local }

func (a *App) breakHint() string {
	if a.enhanced {
		return "shift+enter"
	}
	return "alt+enter"
}

// paragraph sets a text in rows that are not too long.
func paragraph(style func(...string) string, text string, width int) []string {
	rows := terminal.Wrap(terminal.Clean(text), min(width-4, 64))
	for i := range rows {
		rows[i] = style(rows[i])
	}
	return rows
}

// centre puts parts in the middle of a space, each as a block; a nil part is an
// empty line.
func centre(width, height int, parts ...[]string) []string {
	var rows []string
	for _, p := range parts {
		if p == nil {
			rows = append(rows, "")
		}
		left := strings.Repeat(" ", max((width-terminal.Width(strings.Join(p, "\n")))/2, 0))
		for _, r := range p {
			rows = append(rows, left+r)
		}
	}
	lines := make([]string, height)
	copy(lines[min(max((height-len(rows))/2, 0), height):], rows)
	return lines
}

// news is what the rule says, the most pressing first.
func (a *App) news() (string, func(...string) string) {
	t := a.theme
	switch {
	case a.toast.text != "" && a.toast.kind == toastBad:
		return a.toast.text, t.Bad.Render
	case a.toast.text != "" && a.toast.kind == toastWarn:
		return a.toast.text, t.Warn.Render
	case a.toast.text != "":
		return a.toast.text, t.Good.Render
	case a.allowance.banner != "":
		return a.allowance.banner, t.Warn.Render
	case a.turn != nil && a.turn.lost:
		return "Reconnecting" + t.Ellipsis + " nothing of the answer is lost.", t.Warn.Render
	case a.turn != nil && a.turn.stopping:
		return "Stopping" + t.Ellipsis, t.Warn.Render
	case a.turn != nil && a.chat.Following():
		return join(t.Running, "answering, esc stops"), t.Good.Render
	case a.turn != nil:
		return join(t.Running, "answering, ctrl+end follows it, esc stops"), t.Good.Render
	case a.editing != nil:
		return "Editing an earlier question: enter asks it anew beside the old one, esc leaves it.", t.Warn.Render
	case !a.chat.Following():
		return join(t.Down, "ctrl+end goes to the end"), t.Dim.Render
	}
	return "", t.Dim.Render
}

func join(mark, text string) string {
	if mark == "" {
		return text
	}
	return mark + " " + text
}

func (a *App) status(width int) string {
	s := statusbar.State{Model: a.model(), Spent: a.spent(), Hint: "ctrl+p commands"}
	s.Left, s.Tight = a.left()
	if s.Model == "" && !a.hasModels {
		s.Model = "finding models" + a.theme.Ellipsis
	}
	switch {
	case a.lost != "" && a.turn != nil && a.turn.accepted && !a.turn.lost: // it answers, and takes nothing new
		s.Connection, s.Trouble = "the server is restarting", true
	case a.lost != "":
		s.Connection, s.Trouble = a.lost, true
	case a.server == nil:
		s.Connection = "connecting" + a.theme.Ellipsis
	default:
		s.Connection = a.server.Name
	}
	return statusbar.View(a.theme, s, width)
}

// spent is what the messages shown took.
func (a *App) spent() string {
	tokens, micro, whole := a.chat.Spent()
	if tokens == 0 {
		return ""
	}
	s := figure.Count(tokens) + " tokens"
	if micro > 0 {
		s += " " + a.theme.Dot + " " + figure.Money(micro)
	}
	if !whole {
		s += " since the messages loaded"
	}
	return s
}
