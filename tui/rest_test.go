package tui

import (
	"bytes"
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	tea "charm.land/bubbletea/v2"
)

// pass lets time go by in a synctest bubble.
func pass(d time.Duration) { <-time.After(d) }

// clocked plays Bubble Tea: a loop that handles messages, and a clock whose ticks
// write what is queued and then draw.
type clocked struct {
	rest *rest
	out  bytes.Buffer
	msgs chan tea.Msg

	mu     sync.Mutex
	ticks  int // that came through
	queued bool
	view   string
	drawn  string
}

func newClocked(ctx context.Context) *clocked {
	c := &clocked{msgs: make(chan tea.Msg)}
	c.rest = newRest(ctx, &c.out)
	c.rest.send = func(m tea.Msg) {
		select {
		case c.msgs <- m:
		case <-ctx.Done():
		}
	}
	go func() {
		for {
			select {
			case m := <-c.msgs:
				c.handle(m)
			case <-ctx.Done():
				return
			}
		}
	}()
	return c
}

func (c *clocked) handle(m tea.Msg) {
	c.rest.filter(nil, m)
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m := m.(type) {
	case tea.RawMsg:
		c.queued = true
	case string:
		c.view = m
	}
}

// now is how often it ticked, what is to be shown, and what is.
func (c *clocked) now() (ticks int, view, drawn string) {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ticks, c.view, c.drawn
}

// run ticks until ctx ends.
func (c *clocked) run(ctx context.Context, t *testing.T) {
	clock := time.NewTicker(time.Second / framesPerSecond)
	defer clock.Stop()
	for ctx.Err() == nil {
		select {
		case <-clock.C:
		case <-ctx.Done():
			return
		}
		c.mu.Lock()
		queued := c.queued
		c.queued = false
		c.mu.Unlock()
		if queued {
			if _, err := c.rest.Write([]byte(mark)); err != nil {
				t.Error(err)
			}
		}
		c.mu.Lock()
		c.drawn = c.view
		c.ticks++
		c.mu.Unlock()
	}
}

func resting(t *testing.T, body func(*clocked)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := newClocked(ctx)
		go c.run(ctx, t)
		body(c)
		cancel()
		synctest.Wait()
		if c.out.Len() > 0 {
			t.Errorf("the terminal got %q", c.out.String())
		}
	})
}

func TestRestStopsTheClock(t *testing.T) {
	t.Parallel()
	resting(t, func(c *clocked) {
		c.msgs <- "first"
		pass(time.Second)
		before, _, drawn := c.now()
		if drawn != "first" {
			t.Errorf("what was shown before the rest is %q", drawn)
		}
		pass(10 * time.Second)
		if after, _, _ := c.now(); after-before > 30 {
			t.Errorf("%d ticks in ten quiet seconds", after-before)
		}
	})
}

func TestRestEndsWithAMessage(t *testing.T) {
	t.Parallel()
	resting(t, func(c *clocked) {
		c.msgs <- "first"
		pass(restFor / 2)
		c.msgs <- "key"
		pass(2 * settle)
		if _, _, drawn := c.now(); drawn != "key" {
			t.Errorf("%v after the key %q is shown", 2*settle, drawn)
		}
	})
}

func TestRestKeepsNothingBack(t *testing.T) {
	t.Parallel()
	resting(t, func(c *clocked) {
		for i := range 2000 { // every distance between a message and a tick
			c.msgs <- string(rune('a' + i%26))
			pass(time.Duration(i) * 37 * time.Microsecond % (3 * restAfter))
			c.msgs <- string(rune('A' + i%26))
			pass(2 * time.Second / framesPerSecond)
			if _, view, drawn := c.now(); drawn != view {
				t.Fatalf("round %d: two ticks later %q is shown, not %q", i, drawn, view)
			}
		}
	})
}

func TestRestEndsWithTheProgram(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		c := newClocked(ctx)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			c.run(ctx, t)
		}()
		c.msgs <- "first"
		pass(restFor / 2)
		began := time.Now()
		cancel()
		<-stopped
		if took := time.Since(began); took > 2*settle {
			t.Errorf("the clock went on waiting for %v", took)
		}
	})
}

func TestRestWritesTheRest(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	r := newRest(t.Context(), &out)
	for _, s := range []string{"one", "two" + mark, mark + mark, mark + "\x1b\\three"} {
		if n, err := r.Write([]byte(s)); n != len(s) || err != nil {
			t.Errorf("%q: %d, %v", s, n, err)
		}
	}
	if out.String() != "onetwo\x1b\\three" {
		t.Errorf("%q", out.String())
	}
}
