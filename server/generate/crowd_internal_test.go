package generate

import (
	"runtime"
	"testing"
	"time"
)

func TestACrowdIsReadLessOften(t *testing.T) {
	t.Parallel()
	processors := int64(runtime.GOMAXPROCS(0))
	for _, tc := range []struct {
		streams int64 // for each processor
		want    time.Duration
	}{
		{0, 0},
		{1, 0},
		{9, 0},
		{10, shortestPause},
		{100, 20 * time.Millisecond},
		{400, longestPause},
		{100_000, longestPause},
	} {
		var c crowd
		for range tc.streams * processors {
			c.join()
		}
		if got := c.pause(); got != tc.want {
			t.Errorf("%d streams a processor: %v, want %v", tc.streams, got, tc.want)
		}
		for range tc.streams * processors {
			c.leave()
		}
		if got := c.pause(); got != 0 {
			t.Errorf("when all have left: %v", got)
		}
	}
}

// Where rests end too late there is no room: they are planned longer, and shorter
// again when there is.
func TestACrowdThatIsLateRestsLonger(t *testing.T) {
	t.Parallel()
	var c crowd
	for range 100 * runtime.GOMAXPROCS(0) {
		c.join()
	}
	usual := c.pause()
	many := func(late time.Duration) time.Duration {
		for range 20 * lateAverage {
			c.overslept(late)
		}
		return c.pause().Round(time.Millisecond)
	}
	for _, tc := range []struct{ late, extra time.Duration }{
		{time.Millisecond, 4 * time.Millisecond},
		{10 * time.Millisecond, 40 * time.Millisecond},
		{time.Second, longestExtra},
		{0, 0},
	} {
		if got, want := many(tc.late), usual+tc.extra; got != want {
			t.Errorf("late by %v: %v, want %v", tc.late, got, want)
		}
	}
	var few crowd
	few.join()
	few.overslept(time.Hour)
	if got := few.pause(); got != 0 {
		t.Errorf("one stream rests for %v", got)
	}
}
