package tui

import (
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"github.com/aichat-term/aichat/tui/theme"
)

// Update implements tea.Model: the one place where messages are routed.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if _, ok := msg.(tea.RawMsg); ok {
		return a, nil // the terminal's, not ours
	}
	a.stale = true
	cmd := tea.Batch(a.route(msg), a.signInFrom(msg))
	if before := a.chat.Older(); before != "" {
		cmd = tea.Batch(cmd, a.loadOlder(before))
	}
	return a, cmd
}

func (a *App) route(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	// What the terminal says.
	case tea.WindowSizeMsg:
		a.width, a.height = msg.Width, msg.Height
	case tea.KeyPressMsg:
		return a.key(msg)
	case tea.PasteMsg:
		return a.paste(msg.Content)
	case tea.MouseWheelMsg:
		a.wheel(msg)
	case tea.BackgroundColorMsg:
		a.look(theme.Options{Light: !msg.IsDark(), ASCII: a.theme.ASCII, Accessible: a.theme.Accessible})
	case tea.KeyboardEnhancementsMsg:
		a.enhanced = msg.SupportsKeyDisambiguation()
	case tea.ModeReportMsg:
		if msg.Mode == ansi.ModeUnicodeCore && msg.Value != ansi.ModeNotRecognized {
			a.composer.SetMethod(ansi.GraphemeWidth)
		}
	case tea.InterruptMsg:
		return a.quit()

	// What an effect brought back.
	case streamMsg:
		return a.streamed(msg)
	case listMsg:
		return a.listed(msg)
	case foundMsg:
		return a.found(msg)
	case headMsg:
		return a.lookedAt(msg)
	case messagesMsg:
		return a.loaded(msg)
	case hitsMsg:
		return a.searched(msg)
	case modelsMsg:
		return a.gotModels(msg)
	case usageMsg:
		a.gotUsage(msg)
	case adviceMsg:
		a.gotAdvice(msg)
	case ratedMsg:
		return a.rated(msg)
	case limitsMsg:
		return a.gotLimits(msg)
	case resetMsg:
		if msg.seq == a.allowance.seq {
			return a.loadLimits()
		}
	case aboutMsg:
		a.gotAbout(msg)
	case changeMsg:
		return a.changed(msg)
	case changedMsg:
		return a.conversationChanged(msg)
	case deletedMsg:
		return a.removed(msg)
	case cancelledMsg:
		return a.cancelled(msg)
	case copiedMsg:
		return a.copied(msg)
	case editedMsg:
		return a.edited(msg)
	case loginCodeMsg:
		return a.gotLoginCode(msg)
	case loginDoneMsg:
		return a.loginDone(msg)
	case openedMsg:
		a.opened(msg)
	case expiredMsg:
		a.expired(msg)
	case searchMsg:
		if a.sidebar.Wants(msg.seq) {
			return a.search(msg.query, msg.seq)
		}
	}
	return nil
}

// look changes the theme.
func (a *App) look(o theme.Options) {
	if a.theme.Options == o {
		return
	}
	a.theme = theme.New(o)
	a.chat.SetTheme(a.theme)
	a.sidebar.SetTheme(a.theme)
	if a.picker != nil {
		a.picker.SetTheme(a.theme)
	}
	if a.pages != nil {
		a.pages.SetTheme(a.theme)
	}
	if a.usage != nil {
		a.usage.SetTheme(a.theme)
	}
	if a.line != nil {
		a.line.SetTheme(a.theme)
	}
	if a.signIn != nil {
		a.signIn.SetTheme(a.theme)
	}
}

func (a *App) wheel(msg tea.MouseWheelMsg) {
	const lines = 3
	switch msg.Button {
	case tea.MouseWheelUp:
		a.chat.Scroll(-lines)
	case tea.MouseWheelDown:
		a.chat.Scroll(lines)
	default:
	}
}

func (a *App) paste(text string) tea.Cmd {
	switch {
	case a.signIn != nil:
	case a.picker != nil:
		a.picker.Paste(text)
	case a.line != nil:
		a.line.Paste(text)
	case a.usage != nil || a.pages != nil:
	case a.focus == onSidebar:
		return a.do(a.sidebar.Paste(text))
	default:
		a.setFocus(onComposer)
		a.composer.Insert(text)
	}
	return nil
}

func (a *App) setFocus(f focus) {
	if f == onTranscript && a.chat.Len() == 0 {
		f = onComposer
	}
	a.focus = f
	a.chat.Focus(f == onTranscript)
	a.sidebar.Focus(f == onSidebar)
}
