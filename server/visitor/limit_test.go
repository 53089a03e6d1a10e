package visitor_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/visitor"
)

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func TestTake(t *testing.T) {
	t.Parallel()
	at := newClock()
	l := visitor.NewLimit(visitor.Rate{Burst: 2, Every: 10 * time.Second}, at.now)
	steps := []struct {
		key  string
		pass time.Duration
		want time.Duration
	}{
		{"a", 0, 0},
		{"a", 0, 0},
		{"a", 0, 10 * time.Second},
		{"a", 4 * time.Second, 6 * time.Second}, // what was refused did not count
		{"b", 0, 0},
		{"a", 6 * time.Second, 0},
		{"a", 0, 10 * time.Second},
		{"a", time.Hour, 0}, // an hour saves up a burst, no more
		{"a", 0, 0},
		{"a", 0, 10 * time.Second},
	}
	for i, s := range steps {
		at.pass(s.pass)
		if got := l.Take(s.key).Round(time.Millisecond); got != s.want {
			t.Fatalf("step %d: %s waits %v, want %v", i, s.key, got, s.want)
		}
	}
}

func TestCount(t *testing.T) {
	t.Parallel()
	at := newClock()
	l := visitor.NewLimit(visitor.Rate{Burst: 2, Every: time.Second}, at.now)
	for range 100 {
		if wait := l.Wait("a"); wait != 0 {
			t.Fatalf("looking counts: %v", wait)
		}
	}
	for range 5 {
		l.Count("a")
	}
	if got := l.Wait("a").Round(time.Millisecond); got != 4*time.Second {
		t.Errorf("after five at once one waits %v, want 4 s", got)
	}
	if got := l.Wait("b"); got != 0 {
		t.Errorf("another waits %v", got)
	}
	at.pass(4 * time.Second)
	if got := l.Wait("a"); got != 0 {
		t.Errorf("after that time one waits %v", got)
	}
}

// TestMemory: with many visitors those are forgotten that stayed away longest.
func TestMemory(t *testing.T) {
	t.Parallel()
	at := newClock()
	l := visitor.NewLimit(visitor.Rate{Burst: 1, Every: time.Hour}, at.now)
	l.Take("first")
	l.Take("second")
	for i := range visitor.Kept - 1 {
		l.Take(fmt.Sprint(i))
		if l.Take("first") == 0 {
			t.Fatalf("one that keeps coming was forgotten after %d others", i)
		}
	}
	if l.Take("second") != 0 {
		t.Error("one that stayed away is remembered")
	}
	if n := l.Len(); n != visitor.Kept {
		t.Errorf("%d are remembered, want %d", n, visitor.Kept)
	}
}

func TestParallelTakes(t *testing.T) {
	t.Parallel()
	at := newClock()
	l := visitor.NewLimit(visitor.Rate{Burst: 10, Every: time.Hour}, at.now)
	var group sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 100 {
		group.Go(func() {
			if l.Take("a") == 0 {
				mu.Lock()
				defer mu.Unlock()
				allowed++
			}
		})
	}
	group.Wait()
	if allowed != 10 {
		t.Errorf("%d of 100 were let through, want 10", allowed)
	}
}
