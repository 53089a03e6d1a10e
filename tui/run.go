package tui

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
)

// ErrDumb says that the terminal cannot draw a screen.
var ErrDumb = errors.New("this terminal cannot draw a screen (TERM is dumb or unset): use aichat ask instead")

// Terminal is where the interface is drawn. Its zero value is the process's own.
type Terminal struct {
	In  io.Reader
	Out io.Writer
	Env []string // as os.Environ; nil: the process's own
}

// framesPerSecond is Bubble Tea's most: a key waits for the next frame.
const framesPerSecond = 120

// Run opens the interface and returns when the person leaves it. The conversation
// that was open is returned, so that the way back can be told; empty: none was.
func Run(ctx context.Context, o Options, t Terminal) (chat string, err error) {
	app := NewApp(ctx, o)
	defer app.cancel()
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond)}
	if t.In != nil {
		opts = append(opts, tea.WithInput(t.In))
	}
	if t.Out != nil {
		opts = append(opts, tea.WithOutput(t.Out))
	}
	if t.Env != nil {
		opts = append(opts, tea.WithEnvironment(t.Env))
	}
	_, err = tea.NewProgram(app, opts...).Run()
	if errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("terminal interface: %w", err)
	}
	return app.Shown(), err
}
