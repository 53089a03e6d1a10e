package tui

import (
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
)

// action is something a key or the palette does.
type action struct {
	id    string
	keys  []string // what the terminal calls them
	shown string   // how help writes them
	what  string
	do    func(*App) tea.Cmd
}

// actions are what works wherever the keys go; the palette lists the same.
func actions() []action {
	return []action{
		{"new", []string{"ctrl+n"}, "ctrl+n", "new chat", (*App).newChat},
		{"chats", []string{"ctrl+s"}, "ctrl+s", "chats: open, search, rename, delete", (*App).toggleList},
		{"model", []string{"ctrl+l", "f2"}, "ctrl+l", "choose the model", (*App).openModels},
		{"copy", []string{"ctrl+y"}, "ctrl+y", "copy the last answer, as Markdown", (*App).copyAnswer},
		{"code", []string{"alt+y"}, "alt+y", "copy a code block, the last one first", (*App).copyCode},
		{"regenerate", []string{"alt+r"}, "alt+r", "ask again: another answer to the same question", (*App).regenerate},
		{"edit", []string{"alt+e"}, "alt+e", "edit the last question and ask anew", (*App).editQuestion},
		{"previous", []string{"alt+,"}, "alt+,", "the alternative before", func(a *App) tea.Cmd { return a.alternative(-1) }},
		{"next", []string{"alt+."}, "alt+.", "the alternative after", func(a *App) tea.Cmd { return a.alternative(1) }},
		{"thoughts", []string{"ctrl+t"}, "ctrl+t", "show or hide what the model thought", (*App).toggleThoughts},
		{"editor", []string{"ctrl+o"}, "ctrl+o", "write in your editor", (*App).openEditor},
		{"well", []string{"alt++", "alt+="}, "alt++", "rate the last answer well; again takes it back", (*App).rateWell},
		{"badly", []string{"alt+-"}, "alt+-", "rate it badly, and say why; again takes it back", (*App).rateBadly},
		{"usage", []string{"f3", "alt+u"}, "f3, alt+u", "usage: what it cost, what is left, advice", (*App).openUsage},
		{"undo", nil, "", "restore the chat deleted last", (*App).undoDelete},
		{"mouse", []string{"alt+m"}, "alt+m", "wheel scrolls, or mouse selects text", (*App).toggleMouse},
		{"palette", []string{"ctrl+p"}, "ctrl+p", "all commands", (*App).openPalette},
		{"help", []string{"f1", "ctrl+g"}, "f1, ctrl+g", "help", (*App).openHelp},
		{"suspend", []string{"ctrl+z"}, "ctrl+z", "suspend", func(*App) tea.Cmd { return tea.Suspend }},
		{"quit", nil, "ctrl+d", "quit (ctrl+d where nothing is typed)", (*App).quit},
	}
}

// keymap finds the action of a key.
func keymap() map[string]func(*App) tea.Cmd {
	m := map[string]func(*App) tea.Cmd{}
	for _, a := range actions() {
		for _, k := range a.keys {
			m[k] = a.do
		}
	}
	return m
}

// help is what the help page shows.
func (a *App) help() [][2]string {
	breaks := "alt+enter, ctrl+j"
	if a.enhanced {
		breaks = "shift+enter, " + breaks
	}
	rows := [][2]string{
		{"", "Writing"},
		{"enter", "send"},
		{breaks, "new line"},
		{"up, down", "earlier questions, at the first and last line"},
		{"esc", "stop the answer; else leave what is open"},
		{"ctrl+c", "clear what is typed; stop the answer; quit"},
		{"", ""},
		{"", "Everywhere"},
	}
	for _, act := range actions() {
		if act.shown != "" {
			rows = append(rows, [2]string{act.shown, act.what})
		}
	}
	return append(rows, [][2]string{
		{"", ""},
		{"", "Reading"},
		{"pgup, pgdown", "scroll by pages; the wheel scrolls too"},
		{"ctrl+home, ctrl+end", "to the beginning, and to the end to follow it"},
		{"tab", "select messages:"},
		{"  up, down, j, k", "the message before, after"},
		{"  y, c", "copy the message; a code block of it"},
		{"  e, r", "edit the question; ask again"},
		{"  +, -, w", "rate the answer well, badly; say why"},
		{"  left, right", "the alternative before, after"},
		{"  u, d, g, G", "scroll by half pages; to the beginning, end"},
		{"", ""},
		{"", "Hold shift to select text with the mouse."},
	}...)
}

// key routes a key press: to what is open, to what works everywhere, then to
// where the focus is.
func (a *App) key(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	switch {
	case key == "ctrl+d" && a.composer.Empty():
		return a.quit()
	case a.picker != nil:
		return a.do(a.picker.Key(msg))
	case a.signIn != nil:
		return a.do(a.signIn.Key(msg))
	case a.line != nil:
		return a.do(a.line.Key(msg))
	case a.usage != nil:
		return a.do(a.usage.Key(msg))
	case a.pages != nil:
		return a.do(a.pages.Key(msg))
	case key == "ctrl+c":
		return a.interrupt()
	}
	if a.focus == onSidebar {
		if ask, handled := a.sidebar.Key(msg); handled {
			return a.do(ask)
		}
	}
	if do := a.keymap[key]; do != nil {
		return do(a)
	}
	if a.scrollKey(key) {
		return nil
	}
	switch {
	case key == "esc":
		return a.escape()
	case a.focus == onTranscript:
		return a.transcriptKey(msg)
	case a.focus == onComposer:
		return a.composerKey(msg)
	}
	return nil
}

func (a *App) scrollKey(key string) bool {
	switch key {
	case "pgup":
		a.chat.Page(-1)
	case "pgdown":
		a.chat.Page(1)
	case "ctrl+home":
		a.chat.Home()
	case "ctrl+end":
		a.chat.FollowEnd()
	case "shift+up", "ctrl+up":
		a.chat.Scroll(-1)
	case "shift+down", "ctrl+down":
		a.chat.Scroll(1)
	default:
		return false
	}
	return true
}

func (a *App) composerKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "tab":
		a.setFocus(onTranscript)
		return nil
	case "end":
		if a.composer.Empty() {
			a.chat.FollowEnd()
			return nil
		}
	}
	ask, _ := a.composer.Key(msg)
	return a.do(ask)
}

func (a *App) transcriptKey(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "tab", "i", "enter":
		a.setFocus(onComposer)
	case "up", "k":
		a.chat.Select(-1)
	case "down", "j":
		a.chat.Select(1)
	case "u", "ctrl+u", "b":
		a.chat.Half(-1)
	case "d", "ctrl+d", "f", "space":
		a.chat.Half(1)
	case "g", "home":
		a.chat.Home()
	case "G", "end":
		a.chat.FollowEnd()
	case "y":
		return a.copySelected()
	case "c":
		return a.copyCode()
	case "r":
		return a.regenerate()
	case "e":
		return a.editQuestion()
	case "+", "=":
		return a.rateWell()
	case "-":
		return a.rateBadly()
	case "w":
		return a.askWhy()
	case "left", "<":
		return a.alternative(-1)
	case "right", ">":
		return a.alternative(1)
	case "t":
		return a.toggleThoughts()
	case "?":
		return a.openHelp()
	default:
		if msg.Text != "" && msg.Mod&^tea.ModShift == 0 && msg.Text != " " {
			a.setFocus(onComposer)
			a.composer.Insert(msg.Text)
		}
	}
	return nil
}

// escape leaves what is innermost: an edit, the transcript's focus, an answer
// that is being written.
func (a *App) escape() tea.Cmd {
	switch {
	case a.editing != nil:
		a.composer.SetValue(a.editing.draft)
		a.editing = nil
	case a.running():
		return a.stop()
	case a.focus != onComposer:
		a.setFocus(onComposer)
	default:
		a.toast.text, a.allowance.banner = "", ""
	}
	return nil
}

// interrupt is ctrl+c: clear what is typed, stop the answer, quit. What is
// cleared can be had back with the up key.
func (a *App) interrupt() tea.Cmd {
	switch {
	case !a.composer.Empty():
		a.composer.Remember(a.composer.Value())
		a.composer.Clear()
		a.editing = nil
		return a.say(toastInfo, "Cleared; up brings it back. Again to quit.")
	case a.running() && !a.turn.stopping:
		return a.stop()
	}
	return a.quit()
}

func (a *App) quit() tea.Cmd {
	a.cancel()
	return tea.Quit
}

func (a *App) toggleThoughts() tea.Cmd {
	a.chat.ToggleThoughts()
	return nil
}

func (a *App) toggleMouse() tea.Cmd {
	a.mouse = !a.mouse
	if a.mouse {
		return a.say(toastInfo, "The wheel scrolls. Hold shift to select text.")
	}
	return a.say(toastInfo, "The mouse is the terminal's: it selects text.")
}

func (a *App) toggleList() tea.Cmd {
	switch {
	case a.focus == onSidebar:
		a.setFocus(onComposer)
		a.listShown = a.roomForList() && a.listShown
		if a.roomForList() {
			a.listShown = false
		}
	default:
		a.listShown = true
		a.setFocus(onSidebar)
	}
	return nil
}

func (a *App) copyAnswer() tea.Cmd {
	msg := a.chat.Last(wire.RoleAssistant)
	if msg == nil {
		return a.say(toastWarn, "There is no answer to copy yet.")
	}
	return a.copy(chat.Text(msg), "The answer")
}

func (a *App) copySelected() tea.Cmd {
	msg := a.chat.Selected()
	if msg == nil {
		return nil
	}
	return a.copy(chat.Text(msg), "The message")
}

func (a *App) copyCode() tea.Cmd {
	code, n, total := a.chat.NextCode()
	if total == 0 {
		return a.say(toastWarn, "There is no code block to copy.")
	}
	return a.copy(code, fmt.Sprintf("Code block %d of %d", n, total))
}

// toastFor is how long a sentence stays.
const toastFor = 6 * time.Second
