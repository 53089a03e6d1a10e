package tui

import tea "charm.land/bubbletea/v2"

// TranscriptDraws is how often the transcript was drawn.
func (a *App) TranscriptDraws() int { return a.chat.Draws() }

// Printed is what PrintPage runs, with what the server says of page and code.
func Printed(url, code string) tea.ExecCommand { return &printed{url: url, code: code} }
