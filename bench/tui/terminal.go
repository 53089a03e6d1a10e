package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"
)

// terminal is a pseudo-terminal with a program in it. It answers what programs
// ask of a terminal and notes when each letter beyond ASCII was drawn.
type terminal struct {
	cmd    *exec.Cmd
	pty    *os.File
	ended  chan struct{} // closed when the program has ended
	ending error
	read   chan struct{} // closed when the last that was written has been taken in

	mu     sync.Mutex
	drawn  map[rune]time.Time // when last
	first  map[rune]time.Time // when first
	bytes  int64
	erases int
	tail   []byte // the beginning of a character
	change chan struct{}
}

// open starts cmd in a terminal of that size.
func open(cmd *exec.Cmd, columns, rows uint16) (*terminal, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	// Else the kernel would echo keys typed before the program turns that off.
	if _, err := term.MakeRaw(slave.Fd()); err != nil {
		return nil, errors.Join(err, master.Close(), slave.Close())
	}
	if err := pty.Setsize(master, &pty.Winsize{Rows: rows, Cols: columns}); err != nil {
		return nil, errors.Join(err, master.Close(), slave.Close())
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = session()
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, master.Close(), slave.Close())
	}
	t := &terminal{
		cmd: cmd, pty: master, ended: make(chan struct{}), read: make(chan struct{}),
		drawn: map[rune]time.Time{}, first: map[rune]time.Time{}, change: make(chan struct{}),
	}
	go t.readAll()
	go func() {
		t.ending = cmd.Wait()
		_ = slave.Close() // the reader sees the end only when nobody holds it
		close(t.ended)
	}()
	return t, nil
}

// readAll takes in what the program writes, until nobody can write any more.
func (t *terminal) readAll() {
	defer close(t.read)
	buf := make([]byte, 64<<10)
	for {
		n, err := t.pty.Read(buf)
		if n > 0 {
			t.take(buf[:n], time.Now())
		}
		if err != nil {
			return
		}
	}
}

func (t *terminal) take(b []byte, at time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bytes += int64(len(b))
	b = append(t.tail, b...)
	t.erases += bytes.Count(b, []byte("\x1b[2J"))
	b = t.answer(b)
	t.tail = nil
	for len(b) > 0 {
		if !utf8.FullRune(b) {
			t.tail = bytes.Clone(b)
			break
		}
		r, n := utf8.DecodeRune(b)
		if r > utf8.RuneSelf {
			t.drawn[r] = at
			if _, ok := t.first[r]; !ok {
				t.first[r] = at
			}
		}
		b = b[n:]
	}
	close(t.change)
	t.change = make(chan struct{})
}

// answers is what a terminal says to what it is asked.
var answers = []struct{ question, answer string }{
	{"\x1b[c", "\x1b[?62;22c"},
	{"\x1b[0c", "\x1b[?62;22c"},
	{"\x1b[>c", "\x1b[>1;10;0c"},
	{"\x1b[?u", "\x1b[?0u"},
	{"\x1b[6n", "\x1b[1;1R"},
	{"\x1b[?2026$p", "\x1b[?2026;2$y"},
	{"\x1b[?2027$p", "\x1b[?2027;0$y"},
	{"\x1b]10;?\x07", "\x1b]10;rgb:dddd/dddd/dddd\x07"},
	{"\x1b]11;?\x07", "\x1b]11;rgb:1111/1111/1111\x07"},
	{"\x1b]10;?\x1b\\", "\x1b]10;rgb:dddd/dddd/dddd\x1b\\"},
	{"\x1b]11;?\x1b\\", "\x1b]11;rgb:1111/1111/1111\x1b\\"},
}

// answer answers the questions in b and takes them out.
func (t *terminal) answer(b []byte) []byte {
	for _, a := range answers {
		for bytes.Contains(b, []byte(a.question)) {
			b = bytes.Replace(b, []byte(a.question), nil, 1)
			_, _ = t.pty.WriteString(a.answer) // the program may have ended
		}
	}
	return b
}

// press sends keys.
func (t *terminal) press(keys string) error {
	_, err := t.pty.WriteString(keys)
	return err
}

// sees waits until a letter is drawn, after a moment, and says when.
func (t *terminal) sees(ctx context.Context, r rune, after time.Time) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	for {
		t.mu.Lock()
		at, change := t.drawn[r], t.change
		t.mu.Unlock()
		if at.After(after) {
			return at, nil
		}
		select {
		case <-change:
		case <-t.read:
			if at, ok := t.lastDrawn(r); ok && at.After(after) {
				return at, nil
			}
			return time.Time{}, fmt.Errorf("the program ended and had not drawn %q", r)
		case <-ctx.Done():
			return time.Time{}, fmt.Errorf("%q was not drawn", r)
		}
	}
}

// lastDrawn is when a letter was drawn for the last time, if it was.
func (t *terminal) lastDrawn(r rune) (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.drawn[r]
	return at, ok
}

// firstDrawn is when a letter was drawn for the first time, if it was.
func (t *terminal) firstDrawn(r rune) (time.Time, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, ok := t.first[r]
	return at, ok
}

// written is what has been written to the terminal so far: bytes, and how often
// the whole screen was erased.
func (t *terminal) written() (n int64, erases int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.bytes, t.erases
}

// close ends the program, if it has not ended.
func (t *terminal) close() error {
	select {
	case <-t.ended:
	default:
		_ = t.cmd.Process.Kill() // it may end at this moment
		<-t.ended
	}
	return t.pty.Close()
}
