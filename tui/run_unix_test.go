//go:build unix

package tui_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
	"github.com/aichat-term/aichat/tui/tuitest"
)

// screen is a pseudo-terminal and what was written to it.
type screen struct {
	t           *testing.T
	master, tty *os.File
	held        bool // a reader of the tty may be left, which nobody can wait for

	mu      sync.Mutex
	written bytes.Buffer
}

func newScreen(t *testing.T) *screen {
	t.Helper()
	master, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	s := &screen{t: t, master: master, tty: tty}
	s.size(80, 24)
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = io.Copy(s, master) // it ends when the terminal is closed
	}()
	t.Cleanup(func() {
		if s.held {
			return // the collector closes both, after that reader
		}
		_ = tty.Close()
		_ = master.Close()
		<-read
	})
	return s
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written.Write(p)
}

func (s *screen) size(columns, rows uint16) {
	s.t.Helper()
	if err := pty.Setsize(s.master, &pty.Winsize{Cols: columns, Rows: rows}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *screen) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.written.String()
}

func (s *screen) press(keys string) {
	s.t.Helper()
	if _, err := s.master.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// until waits until a text was written.
func (s *screen) until(text string) {
	s.t.Helper()
	timeout := time.After(tuitest.Deadline)
	again := time.NewTicker(2 * time.Millisecond)
	defer again.Stop()
	for !strings.Contains(s.text(), text) {
		select {
		case <-again.C:
		case <-timeout:
			s.t.Fatalf("%q was not written; what was:\n%q", text, s.text())
		}
	}
}

// forget drops what was written so far.
func (s *screen) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written.Reset()
}

// left is what a terminal must be told by the end.
var left = []string{
	"\x1b[?1049l", // the other screen
	"\x1b[?2004l", // pastes
	"\x1b[?1002l", // the mouse
	"\x1b[<1u",    // keys
}

// TestInATerminal is a whole visit: type, read a streamed answer, resize, leave.
func TestInATerminal(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	before, err := term.GetState(s.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	f := tuitest.NewFake()
	f.Begun = make(chan *tuitest.Turn, 1)
	type result struct {
		chat string
		err  error
	}
	ended := make(chan result, 1)
	go func() {
		chat, err := tui.Run(t.Context(), tui.Options{Backend: f},
			tui.Terminal{In: s.tty, Out: s.tty, Env: []string{"TERM=xterm-256color", "LANG=C.UTF-8"}})
		ended <- result{chat, err}
	}()
	s.until("What would you like to know?")
	s.until("\x1b[?1049h")
	s.press("why?")
	s.press("\r")
	turn := <-f.Begun
	for i := range 20 {
		turn.Say(fmt.Sprintf("word%d ", i))
		s.until(fmt.Sprintf("word%d", i))
	}
	turn.End(wire.Message{})
	s.until("word19")
	s.forget()
	s.size(60, 20)
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	s.until("word0") // all of it, drawn anew
	s.forget()
	s.press("\x04")
	r := <-ended
	if r.err != nil || r.chat == "" {
		t.Errorf("left with %q, %v", r.chat, r.err)
	}
	for _, off := range left {
		s.until(off)
	}
	after, err := term.GetState(s.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Error("the terminal's modes are not as they were")
	}
}

// broken is a Backend that panics.
type broken struct{ *tuitest.Fake }

func (broken) Models(context.Context) (wire.ModelList, error) { panic("a fault of ours") }

func TestTerminalIsRestoredAfterAPanic(t *testing.T) {
	t.Parallel()
	s := newScreen(t)
	before, err := term.GetState(s.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	_, err = tui.Run(t.Context(), tui.Options{Backend: broken{tuitest.NewFake()}},
		tui.Terminal{In: s.tty, Out: s.tty, Env: []string{"TERM=xterm-256color", "LANG=C.UTF-8"}})
	var fault *tui.PanicError
	if !errors.As(err, &fault) || fault.Value != "a fault of ours" || !strings.Contains(string(fault.Stack), "broken.Models") {
		t.Errorf("it ended with %v", err)
	}
	if strings.Contains(s.text(), "\x1b[?1049h") {
		s.until("\x1b[?1049l")
	}
	after, err := term.GetState(s.tty.Fd())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(before, after) {
		t.Error("the terminal's modes are not as they were")
	}
}
