package tui

import (
	"bytes"
	"context"
	"io"
	"os"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"
)

// Bubble Tea draws on a clock: 120 ticks a second, whether there is anything to
// draw or not, which is what an idle program costs. Its clock can be neither
// stopped nor slowed once it runs; but what a tick does first is to write what was
// queued for the terminal. So when nothing has happened for a moment, a mark is
// queued, and the rest, which is the terminal's writer, keeps the tick that
// brings it waiting until something happens. Ticks that are kept waiting are not
// made up for, so the first one after it comes at once: what a key changes is
// drawn sooner than by the clock.
//
// A tick writes what is queued before it draws. So the first mark after a message
// is let through, with the drawing of what the message changed, and a second one
// waits.
//
// Nothing depends on it but the cost: every message ends the waiting before it is
// handled, so does the program's end, and so does time, whatever went wrong.

// mark is what is queued: an application program command (ECMA-48, APC), which a
// terminal that should ever get it ignores.
const mark = "\x1b_aichat rests\x1b\\"

const (
	// restAfter is how long nothing must have happened: about a tick.
	restAfter = 10 * time.Millisecond

	// restFor is how long a tick is kept waiting at most.
	restFor = time.Second

	// settle is how long a message is given to be handled before the tick that
	// was kept waiting draws what it changed.
	settle = time.Millisecond
)

// rest is a terminal's writer that makes a quiet program quiet. Its methods are
// safe for concurrent use.
type rest struct {
	out  io.Writer
	send func(tea.Msg) // set before anything else is called
	due  *time.Timer
	done <-chan struct{} // closed when the program ends

	mu    sync.Mutex
	quiet bool          // nothing has happened since the mark was queued
	drawn bool          // and what had happened before was drawn
	woken chan struct{} // closed when something happens; made anew for each mark
}

// newRest is a rest before a terminal. It begins with its first message, and ends
// with ctx.
func newRest(ctx context.Context, out io.Writer) *rest {
	r := &rest{out: out, done: ctx.Done(), woken: make(chan struct{})}
	r.due = time.AfterFunc(time.Hour, func() { r.send(tea.RawMsg{Msg: mark}) })
	context.AfterFunc(ctx, func() { r.due.Stop() })
	return r
}

// filter is the program's: it sees every message before it is handled.
func (r *rest) filter(_ tea.Model, msg tea.Msg) tea.Msg {
	if raw, ok := msg.(tea.RawMsg); ok && raw.Msg == any(mark) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.quiet, r.woken = true, make(chan struct{})
		return msg
	}
	r.wake()
	r.due.Reset(restAfter)
	return msg
}

// wake ends the waiting.
func (r *rest) wake() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drawn = false
	if r.quiet {
		r.quiet = false
		close(r.woken)
	}
}

// Write implements io.Writer: it writes all but the mark, and waits at the mark
// while it is quiet.
func (r *rest) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte(mark)) {
		return r.out.Write(p)
	}
	if text := bytes.ReplaceAll(p, []byte(mark), nil); len(text) > 0 {
		if n, err := r.out.Write(text); err != nil {
			return n, err
		}
	}
	r.wait()
	return len(p), nil
}

func (r *rest) wait() {
	r.mu.Lock()
	quiet, drawn, woken := r.quiet, r.drawn, r.woken
	r.drawn = quiet
	r.mu.Unlock()
	switch {
	case !quiet:
		return
	case !drawn:
		r.due.Reset(0) // the tick draws next, and the one after it waits
		return
	}
	limit := time.NewTimer(restFor)
	defer limit.Stop()
	select {
	case <-r.done:
	case <-woken:
		limit.Reset(settle)
		<-limit.C
	case <-limit.C:
		r.due.Reset(0) // and again
	}
}

// restFile is a rest before a file, which Bubble Tea must know as one: it asks it
// for its size, and sets its modes.
type restFile struct {
	*os.File
	rest *rest
}

// Write writes by way of the rest.
func (f restFile) Write(p []byte) (int, error) { return f.rest.Write(p) }
