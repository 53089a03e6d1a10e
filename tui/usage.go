package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chat"
	"github.com/aichat-term/aichat/tui/dialog"
)

// openUsage shows what was used and what is left; what it shows is fetched anew
// each time.
func (a *App) openUsage() tea.Cmd {
	a.usage = dialog.NewUsage(a.theme, a.Now())
	return tea.Batch(a.loadUsage(wire.ByDay), a.loadUsage(wire.ByModel), a.loadAdvice())
}

func (a *App) gotUsage(msg usageMsg) {
	switch {
	case a.usage == nil:
	case msg.err != nil:
		a.usage.Fail("Usage could not be had. " + chat.Explain(asFailure(msg.err).Code, asFailure(msg.err).Text))
	default:
		a.usage.SetSummary(&msg.sum)
	}
}

func (a *App) gotAdvice(msg adviceMsg) {
	switch {
	case a.usage == nil:
	case msg.err != nil:
		a.usage.Fail("Advice could not be had. " + chat.Explain(asFailure(msg.err).Code, asFailure(msg.err).Text))
	default:
		a.usage.SetAdvice(&msg.report)
	}
}
