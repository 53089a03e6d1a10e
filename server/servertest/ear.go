package servertest

import (
	"bytes"
	"log/slog"
	"sync"

	"github.com/aichat-term/aichat/server/store/aftermath"
)

// Confided is what a question of a test may contain, so that it is recognised where
// no prompt belongs.
const Confided = "told in confidence"

// ear hears all that a server logs, of every level, and remembers the lines in
// which there is a test's key, or what was Confided.
type ear struct {
	mu    sync.Mutex
	heard []string
}

// listenTo is a logger of which the ear hears, too.
func (e *ear) listenTo(log *slog.Logger) *slog.Logger {
	everything := &slog.HandlerOptions{Level: slog.LevelDebug}
	return slog.New(slog.NewMultiHandler(log.Handler(), slog.NewTextHandler(e, everything)))
}

// Write implements io.Writer: a call is a line.
func (e *ear) Write(line []byte) (int, error) {
	if bytes.Contains(line, []byte(aftermath.Canary)) || bytes.Contains(line, []byte(Confided)) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, string(line))
	}
	return len(line), nil
}

func (e *ear) lines() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.heard
}
