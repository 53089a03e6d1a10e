package upstream

import "io"

// source is the response as it is read. From the answer's first token on, it may
// be read in larger pieces than it comes in; see provider.Gatherer.
//
// Reading it costs a system call and two changes of goroutine, whatever is
// there; so does each of the writes that follow. What a pause lets gather goes
// through all of it as one.
type source struct {
	body  io.Reader
	dry   func(more bool) // nil: before the first token
	since int             // bytes read since the last pause
}

// plenty is so much since the last pause that more must be waiting: a stream
// that has much to say is read as fast as it comes.
const plenty = 2 << 10

func (s *source) Read(b []byte) (int, error) {
	if s.dry != nil {
		more := s.since >= plenty
		s.since = 0
		s.dry(more)
	}
	n, err := s.body.Read(b)
	if s.since += n; n == len(b) {
		s.since = plenty
	}
	return n, err
}
