package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/bench/subject"
)

// The size of the window that the published figures have.
const (
	columns = 120
	rows    = 40
)

// scene is the program in its home, and what is found out about it.
type scene struct {
	options
	report   *Report
	sent     *sentTimes
	home     *subject.Home
	programs subject.Programs
	typed    int // letters so far
}

// startAndQuit measures the time until a key is taken, and that of ending.
func (s *scene) startAndQuit(ctx context.Context) (err error) {
	began := time.Now()
	t, err := open(s.home.Command(s.programs.Client), columns, rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	at, err := s.typeLetter(ctx, t)
	if err != nil {
		return err
	}
	s.report.starts = append(s.report.starts, at.Sub(began))
	return s.quitAndWait(ctx, t)
}

func (s *scene) quitAndWait(ctx context.Context, t *terminal) error {
	if err := pause(ctx, 300*time.Millisecond); err != nil { // what starts late has started
		return err
	}
	began := time.Now()
	if err := t.press(s.quit); err != nil {
		return err
	}
	select {
	case <-t.ended:
	case <-time.After(5 * time.Second):
		return fmt.Errorf("the keys %q did not end it", s.quit)
	}
	s.report.exits = append(s.report.exits, time.Since(began))
	return t.ending
}

// use goes through an idle time, typing, and an answer that streams in.
func (s *scene) use(ctx context.Context) (err error) {
	t, err := open(s.home.Command(s.programs.Client), columns, rows)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	if _, err := s.typeLetter(ctx, t); err != nil {
		return err
	}
	for _, part := range []func(context.Context, *terminal) error{s.beIdle, s.typeIdle, s.stream, s.quitAndWait} {
		if err := part(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) beIdle(ctx context.Context, t *terminal) error {
	if err := pause(ctx, 2*time.Second); err != nil { // the start is over
		return err
	}
	w, err := watch(t)
	if err != nil {
		return err
	}
	if err := pause(ctx, s.idle); err != nil {
		return err
	}
	s.report.Idle, err = w.end()
	return err
}

func (s *scene) typeIdle(ctx context.Context, t *terminal) error {
	for i := range s.keys {
		// A different phase of the program's frame clock each time.
		if err := pause(ctx, 40*time.Millisecond+time.Duration(i%17)*time.Millisecond); err != nil {
			return err
		}
		began := time.Now()
		at, err := s.typeLetter(ctx, t)
		if err != nil {
			return err
		}
		s.report.idleKeys = append(s.report.idleKeys, at.Sub(began))
	}
	return nil
}

// stream sends what was typed and types on while the answer comes.
func (s *scene) stream(ctx context.Context, t *terminal) error {
	w, err := watch(t)
	if err != nil {
		return err
	}
	if err := t.press("\r"); err != nil {
		return err
	}
	if err := s.sent.begun(ctx); err != nil {
		return err
	}
	for i := 0; !s.sent.over(); i++ {
		if err := pause(ctx, 60*time.Millisecond+time.Duration(i%17)*time.Millisecond); err != nil {
			return err
		}
		began := time.Now()
		at, err := s.typeLetter(ctx, t)
		if err != nil {
			return err
		}
		s.report.streamKeys = append(s.report.streamKeys, at.Sub(began))
	}
	if s.report.Stream, err = w.end(); err != nil {
		return err
	}
	if err := pause(ctx, time.Second); err != nil { // the end of the answer is drawn
		return err
	}
	s.report.lags, s.report.MarksMissed = s.sent.lags(t)
	return nil
}

// typeLetter types a letter and says when it was drawn.
func (s *scene) typeLetter(ctx context.Context, t *terminal) (time.Time, error) {
	letter := letters[s.typed%len(letters)]
	s.typed++
	began := time.Now()
	if err := t.press(string(letter)); err != nil {
		return time.Time{}, err
	}
	return t.sees(ctx, letter, began)
}

// letters are what is typed: Cyrillic, of one cell each.
var letters = func() (all []rune) {
	for r := rune(0x0400); r < 0x0530; r++ {
		if r < 0x0482 || r > 0x0489 { // signs that combine with what stands before
			all = append(all, r)
		}
	}
	return all
}()

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// watched is what the program cost over a time.
type watched struct {
	t      *terminal
	began  time.Time
	cpu    time.Duration
	bytes  int64
	erases int
}

func watch(t *terminal) (watched, error) {
	cpu, err := proc.CPU(t.cmd.Process.Pid)
	n, erases := t.written()
	return watched{t: t, began: time.Now(), cpu: cpu, bytes: n, erases: erases}, err
}

func (w watched) end() (Cost, error) {
	cpu, err := proc.CPU(w.t.cmd.Process.Pid)
	if err != nil {
		return Cost{}, err
	}
	rss, err := proc.RSS(w.t.cmd.Process.Pid)
	n, erases := w.t.written()
	took := time.Since(w.began).Seconds()
	return Cost{
		CPU:    100 * (cpu - w.cpu).Seconds() / took,
		RSS:    float64(rss) / (1 << 20),
		KBs:    float64(n-w.bytes) / 1000 / took,
		Erases: float64(erases-w.erases) / took,
	}, err
}
