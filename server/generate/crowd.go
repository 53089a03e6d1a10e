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
//
// Whether it keeps up is seen by how late those who rest are woken: then it is read
// less often still, until there is room again.
type crowd struct {
	streams atomic.Int64
	late    atomic.Int64 // nanoseconds by which rests end too late, on average
}

const (
	readsPerSecond = 5_000 // of all streams, for each processor
	shortestPause  = 2 * time.Millisecond
	longestPause   = 80 * time.Millisecond

	// For each millisecond that rests end too late they are planned longer by so
	// many, up to a limit.
	lateFactor   = 4
	longestExtra = 80 * time.Millisecond
	lateAverage  = 64 // the last so many rests
)

// rest lets a stream leave alone for a while what it reads from, if there are
// many. It does not watch the call's context: a rest is over before anybody would
// notice.
func (c *crowd) rest() {
	pause := c.pause()
	if pause == 0 {
		if c.late.Load() != 0 { // of another crowd
			c.late.Store(0)
		}
		return
	}
	began := time.Now()
	time.Sleep(pause) //nolint:forbidigo // thousands wait here at once, for less than anybody notices: no timers of their own
	c.overslept(time.Since(began) - pause)
}

// overslept notes by how much a rest was too long. Of two at once one may be lost.
func (c *crowd) overslept(by time.Duration) {
	late := c.late.Load()
	c.late.Store(late + (int64(by)-late)/lateAverage)
}

// pause is how long each stream is to leave between two reads. A few dozen
// streams need none.
func (c *crowd) pause() time.Duration {
	reads := int64(readsPerSecond * runtime.GOMAXPROCS(0))
	d := time.Duration(c.streams.Load() * int64(time.Second) / reads)
	if d < shortestPause {
		return 0
	}
	return min(d, longestPause) + min(time.Duration(c.late.Load())*lateFactor, longestExtra)
}

func (c *crowd) join()  { c.streams.Add(1) }
func (c *crowd) leave() { c.streams.Add(-1) }
