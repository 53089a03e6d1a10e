package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/subject"
)

// bench runs the commands.
type bench struct {
	options
	programs subject.Programs
	provider *subject.Process
}

// home is a home whose programs ask the stub.
func (b *bench) home() (*subject.Home, error) {
	h, err := subject.NewHome()
	if err != nil {
		return nil, err
	}
	h.OpenAI(b.provider.URL)
	return h, nil
}

// leave ends what runs in a home and removes it.
func leave(ctx context.Context, h *subject.Home) error {
	return errors.Join(h.StopLocal(ctx), h.Remove())
}

func (b *bench) ask(h *subject.Home) *exec.Cmd {
	return h.Command(b.programs.Client, "ask", "-m", "openai/"+b.profile.Model(), "go")
}

// warm runs each command in turn, beside a local server that runs already.
func (b *bench) warm(ctx context.Context, r *Report) (err error) {
	h, err := b.home()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave(ctx, h)) }()
	if _, err := once(b.ask(h), b.profile.Deltas); err != nil { // starts the server
		return err
	}

	body := fmt.Sprintf(`{"model":%q,"stream":true,"messages":[]}`, b.profile.Model())
	commands := []struct {
		name   string
		deltas int
		make   func() *exec.Cmd
	}{
		{"curl", b.profile.Deltas, func() *exec.Cmd {
			return h.Command("curl", "-sN", b.provider.URL+"/v1/chat/completions", "-d", body)
		}},
		{"aichat version", 0, func() *exec.Cmd { return h.Command(b.programs.Client, "version") }},
		{"aichat ask", b.profile.Deltas, func() *exec.Cmd { return b.ask(h) }},
	}
	for range b.runs {
		for _, c := range commands {
			if err := ctx.Err(); err != nil {
				return err
			}
			s, err := once(c.make(), c.deltas)
			if err != nil {
				return err
			}
			r.add(c.name, s)
		}
	}
	return nil
}

// cold asks where no server runs: in a home that nothing has run in, and in
// one that has its database.
func (b *bench) cold(ctx context.Context, r *Report) error {
	for range b.firsts {
		if err := b.first(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) first(ctx context.Context, r *Report) (err error) {
	h, err := b.home()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave(ctx, h)) }()
	for _, name := range []string{"first ask ever", "first ask, no server"} {
		s, err := once(b.ask(h), b.profile.Deltas)
		if err != nil {
			return err
		}
		r.add(name, s)
		if err := h.StopLocal(ctx); err != nil {
			return err
		}
	}
	return nil
}

// sample is one run of a command.
type sample struct {
	wall, first, cpu time.Duration
	rss              int64
}

// once runs a command and checks that the whole answer was printed.
func once(cmd *exec.Cmd, deltas int) (s sample, err error) {
	r, w, err := os.Pipe()
	if err != nil {
		return s, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = w, &said

	began := time.Now()
	if err := cmd.Start(); err != nil {
		return s, errors.Join(err, w.Close())
	}
	if err := w.Close(); err != nil { // the command has its own
		return s, err
	}
	var out output
	if err := out.read(r, func() { s.first = time.Since(began) }); err != nil {
		return s, err
	}
	err = cmd.Wait()
	s.wall = time.Since(began)
	if err != nil {
		return s, fmt.Errorf("%v: %w: %s", cmd.Args, err, said.Bytes())
	}
	s.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	s.rss = proc.PeakRSS(cmd.ProcessState)
	if err := out.check(deltas); err != nil {
		return s, fmt.Errorf("%v: %w", cmd.Args, err)
	}
	return s, nil
}
