package main

import (
	"context"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strings"
)

// page shows a text that is for a person: on a terminal that it does not fit
// on, through the pager; otherwise as it is.
//
// PAGER names the pager, through the shell as everywhere; unset it is less where
// there is one, and set to nothing or to cat there is none.
func (p *program) page(text string) error {
	command := p.pagerCommand()
	if command == nil || !p.tall(text) {
		return p.print(text)
	}
	command.Stdin = strings.NewReader(text)
	command.Stdout, command.Stderr = p.out.Writer, p.err.Writer
	command.Env = append(command.Environ(), "LESSCHARSET=utf-8")
	if p.env.get("LESS") == "" {
		command.Env = append(command.Env, "LESS=FRX") // quit if it fits, keep colours, leave the screen
	}
	err := command.Run()
	var status *exec.ExitError
	switch {
	case err == nil, errors.As(err, &status), brokenPipe(err), errors.Is(err, io.ErrClosedPipe):
		return nil // what the pager says at its end is between it and its user
	default:
		return p.print(text)
	}
}

// pagerCommand is nil where there is no pager to be used.
func (p *program) pagerCommand() *exec.Cmd {
	if p.style.dumb {
		return nil
	}
	name, set := p.env("PAGER")
	name = strings.TrimSpace(name)
	switch {
	case set && (name == "" || name == "cat"):
		return nil
	case set && runtime.GOOS == "windows":
		return exec.CommandContext(context.Background(), "cmd", "/c", name) //nolint:gosec // the user's own word
	case set:
		return exec.CommandContext(context.Background(), "sh", "-c", name) //nolint:gosec // the user's own word
	}
	if path, err := exec.LookPath("less"); err == nil {
		return exec.CommandContext(context.Background(), path) //nolint:gosec // found on the user's own PATH
	}
	return nil
}

// tall reports whether a text has more lines than the terminal.
func (p *program) tall(text string) bool {
	if !p.out.terminal || p.out.size == nil {
		return false
	}
	_, height := p.out.size()
	return height > 0 && strings.Count(text, "\n") >= height
}
