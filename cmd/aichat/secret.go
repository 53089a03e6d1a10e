package main

import (
	"context"
	"os"
	"strings"

	"golang.org/x/term"
)

// readSecret asks for a secret that is not shown while it is typed, or reads it
// from stdin where there is something. what names it, for people.
func (p *program) readSecret(ctx context.Context, question, what string) (string, error) {
	if p.in.given() {
		text, err := readInput(ctx, p.in, maxToken, func() {
			_ = write(p.err, "aichat: waiting for "+what+" from stdin, which is open but silent\n")
		})
		if err == nil && len(text) > maxToken {
			err = usage("It is one line.", "What stdin holds is larger than any key.")
		}
		return strings.TrimSpace(string(text)), err
	}
	in, ok := p.in.Reader.(*os.File)
	if p.in.kind != inputTerminal || !ok {
		return "", usage("Type it at a terminal, or give it on stdin: … < key.txt", "There is nothing to read %s from.", what)
	}
	_ = write(p.err, question) // what is typed counts, not the question
	text, err := unechoed(ctx, int(in.Fd()))
	_ = write(p.err, "\n")
	return strings.TrimSpace(text), err
}

// unechoed reads a line from a terminal that does not show it. Given up, the
// terminal shows again what is typed.
func unechoed(ctx context.Context, fd int) (string, error) {
	before, err := term.GetState(fd)
	if err != nil {
		return "", failed(err, "The terminal cannot be read.")
	}
	type result struct {
		line []byte
		err  error
	}
	read := make(chan result, 1)
	go func() { // a terminal cannot be read with a context; it goes with the process
		line, err := term.ReadPassword(fd)
		read <- result{line, err}
	}()
	select {
	case <-ctx.Done():
		_ = term.Restore(fd, before) // the context says more
		return "", context.Cause(ctx)
	case r := <-read:
		if r.err != nil {
			return "", failed(r.err, "The terminal cannot be read.")
		}
		return string(r.line), nil
	}
}
