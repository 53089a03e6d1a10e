package client

import (
	"math/rand/v2"
	"time"
)

// Retry says how a stream is continued after its connection was lost. A field
// that is zero has the value said.
type Retry struct {
	// Attempts is how often in a row a connection may fail, or bring nothing
	// new, before the stream fails: 12, but see Silence. A negative number allows none.
	Attempts int

	// Base and Cap bound the wait: before attempt n it is anything up to
	// Base·2ⁿ⁻¹, at most Cap: 200 ms and 10 s. What the server asks for is added.
	Base, Cap time.Duration

	// Silence is how long a connection may bring no byte, not even a heartbeat,
	// before it counts as lost: 45 s, three of the server's heartbeats. Where
	// nothing was ever heard, those after a silent one are given a third of that,
	// and the second silence is the last.
	Silence time.Duration
}

func (r Retry) withDefaults() Retry {
	if r.Attempts == 0 {
		r.Attempts = 12
	}
	if r.Base <= 0 {
		r.Base = 200 * time.Millisecond
	}
	if r.Cap <= 0 {
		r.Cap = 10 * time.Second
	}
	if r.Silence <= 0 {
		r.Silence = 45 * time.Second
	}
	return r
}

// wait is how long to wait before an attempt, counted from 1: a random time, so
// that the clients of a server that fell do not come back all at once.
func (r Retry) wait(attempt int, asked time.Duration) time.Duration {
	most := r.Cap
	if shift := attempt - 1; shift < 30 && r.Base<<shift < most && r.Base<<shift > 0 {
		most = r.Base << shift
	}
	return min(asked, maxAsked) + rand.N(most+1) //nolint:gosec // jitter needs no secrecy
}

// maxAsked bounds what a server may make us wait.
const maxAsked = time.Minute
