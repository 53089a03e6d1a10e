// Package visitortest is the conformance kit of visitor.Limiter: what each of
// them must do, whoever keeps the counts.
package visitortest

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/visitor"
)

// NewLimits makes the Limits to be tested, on a clock of the test's. They count
// for no other test.
type NewLimits func(t *testing.T, now func() time.Time) visitor.Limits

// Limiters tests what build makes.
func Limiters(t *testing.T, build NewLimits) {
	for name, test := range map[string]func(*testing.T, *clock, visitor.Limits){
		"take": take, "count": count, "names": names, "parallel takes": parallelTakes,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at := &clock{}
			at.micros.Store(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC).UnixMicro())
			test(t, at, build(t, at.now))
		})
	}
}

// clock stands still until it is moved.
type clock struct{ micros atomic.Int64 }

func (c *clock) now() time.Time { return time.UnixMicro(c.micros.Load()) }

func (c *clock) pass(d time.Duration) { c.micros.Add(d.Microseconds()) }

func take(t *testing.T, at *clock, limits visitor.Limits) {
	l := limits("take", visitor.Rate{Burst: 2, Every: 10 * time.Second})
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

func count(t *testing.T, at *clock, limits visitor.Limits) {
	l := limits("count", visitor.Rate{Burst: 2, Every: time.Second})
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

// names: what is done in one place does not count in another.
func names(t *testing.T, _ *clock, limits visitor.Limits) {
	r := visitor.Rate{Burst: 1, Every: time.Hour}
	forms, codes := limits("forms", r), limits("codes", r)
	if forms.Take("a") != 0 || codes.Take("a") != 0 {
		t.Error("two things were counted as one")
	}
	if forms.Take("a") == 0 || codes.Take("a") == 0 {
		t.Error("a thing was not counted")
	}
}

func parallelTakes(t *testing.T, _ *clock, limits visitor.Limits) {
	l := limits("parallel", visitor.Rate{Burst: 10, Every: time.Hour})
	var group sync.WaitGroup
	var allowed atomic.Int64
	for range 100 {
		group.Go(func() {
			if l.Take("a") == 0 {
				allowed.Add(1)
			}
		})
	}
	group.Wait()
	if allowed.Load() != 10 {
		t.Errorf("%d of 100 were let through, want 10", allowed.Load())
	}
}
