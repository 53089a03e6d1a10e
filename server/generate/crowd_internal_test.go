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
