package upstream

import (
	"io"
	"time"
)

// source is the response as it is read. From the answer's first token on, it may
// be read in larger pieces than it comes in; see provider.Gatherer.
//
// Reading it costs a system call and two changes of goroutine, whatever is
// there; so does each of the writes that follow. What a pause lets gather goes
// through all of it as one.
type source struct {
	body  io.Reader
	dry   func() time.Duration // nil: before the first token
	since int                  // bytes read since the last pause
}

// plenty is so much since the last pause that more must be waiting: a stream
// that has much to say is read as fast as it comes.
const plenty = 2 << 10

func (s *source) Read(b []byte) (int, error) {
	if s.dry != nil {
		s.gather()
	}
	n, err := s.body.Read(b)
	if s.since += n; n == len(b) {
		s.since = plenty
	}
	return n, err
}

// gather lets more come before it is read, unless there is more already. It does
// not watch the call's context: a pause is over before anybody would notice.
func (s *source) gather() {
	if pause := s.dry(); pause > 0 && s.since < plenty {
		time.Sleep(pause) //nolint:forbidigo // thousands wait here at once, for less than anybody notices: no timers of their own
	}
	s.since = 0
}
