package tui

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

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

func (t Terminal) out() io.Writer {
	if t.Out == nil {
		return os.Stdout
	}
	return t.Out
}

// framesPerSecond is Bubble Tea's most: a key waits for the next frame. What
// they cost while nothing happens, rest saves.
const framesPerSecond = 120

// Run opens the interface and returns when the person leaves it. The conversation
// that was open is returned, so that the way back can be told; empty: none was. A
// panic is a *PanicError, and the terminal is as it was.
func Run(ctx context.Context, o Options, t Terminal) (chat string, err error) {
	app := NewApp(ctx, o)
	defer app.cancel()
	rest := newRest(app.ctx, t.out())
	opts := []tea.ProgramOption{tea.WithContext(ctx), tea.WithFPS(framesPerSecond), tea.WithFilter(rest.filter)}
	if t.In != nil {
		opts = append(opts, tea.WithInput(t.In))
	}
	if file, ok := t.out().(*os.File); ok {
		opts = append(opts, tea.WithOutput(restFile{file, rest}))
	} else {
		opts = append(opts, tea.WithOutput(rest))
	}
	if t.Env != nil {
		opts = append(opts, tea.WithEnvironment(t.Env))
	}
	guarded := &guard{app: app}
	program := tea.NewProgram(guarded, opts...)
	rest.send, guarded.quit = program.Send, program.Quit
	_, err = program.Run()
	if errors.Is(err, tea.ErrInterrupted) {
		err = nil
	}
	if err != nil {
		err = fmt.Errorf("terminal interface: %w", err)
	}
	if fault := guarded.failed(); fault != nil {
		err = fault
	}
	return app.Shown(), err
}
