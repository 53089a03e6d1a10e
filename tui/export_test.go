package tui

// TranscriptDraws is how often the transcript was drawn.
func (a *App) TranscriptDraws() int { return a.chat.Draws() }
