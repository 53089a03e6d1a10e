package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/aichat-term/aichat/tui/dialog"
)

// Names of the lists one can pick from.
const (
	listModels   = "models"
	listCommands = "commands"
)

func (a *App) openHelp() tea.Cmd {
	a.pages = dialog.NewPages(a.theme, "Help", a.help())
	return nil
}

func (a *App) openPalette() tea.Cmd {
	a.picker = dialog.NewPicker(a.theme, listCommands, "Commands")
	var entries []dialog.Entry
	for _, act := range actions() {
		entries = append(entries, dialog.Entry{ID: act.id, Label: act.what, Detail: act.shown})
	}
	a.picker.SetEntries(entries, "", "")
	return nil
}

// chose acts on what was picked in a list.
func (a *App) chose(c dialog.Chosen) tea.Cmd {
	a.picker = nil
	switch c.List {
	case listModels:
		return a.chooseModel(c.ID)
	case listCommands:
		for _, act := range actions() {
			if act.id == c.ID {
				return act.do(a)
			}
		}
	}
	return nil
}
