package generate

import (
	"runtime"
	"sync/atomic"
	"time"
)

// crowd counts the answers that stream through the process at this moment. Each
// that is read delta by delta is cheap; thousands of them keep the processors
// busy with system calls that move fifty bytes. So all of them together are read
// at most so often, and what has come meanwhile goes on its way as one. To a
// reader that is a delay like a screen's, and less than what a server adds that
// cannot keep up.
type crowd struct{ streams atomic.Int64 }

const (
	readsPerSecond = 5_000 // of all streams, for each processor
	shortestPause  = 2 * time.Millisecond
	longestPause   = 80 * time.Millisecond
)

// pause is how long each stream is to leave between two reads. A few dozen
// streams need none.
func (c *crowd) pause() time.Duration {
	reads := int64(readsPerSecond * runtime.GOMAXPROCS(0))
	switch d := time.Duration(c.streams.Load() * int64(time.Second) / reads); {
	case d < shortestPause:
		return 0
	default:
		return min(d, longestPause)
	}
}

func (c *crowd) join()  { c.streams.Add(1) }
func (c *crowd) leave() { c.streams.Add(-1) }
