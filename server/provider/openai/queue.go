package openai

import (
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// stream is what both dialects' streams share: the events that one message of
// the vendor's became, on their way out, and the part that is being written.
type stream struct {
	events *upstream.Events
	read   func() error // reads one message of the vendor's into the queue

	queue []provider.Event
	head  int
	ended bool  // the end marker was seen: Finish is the last of the queue
	err   error // what Next returns once the queue is empty; sticks

	part  int // of the last delta; -1 before the first
	kind  provider.EventType
	key   int // tells two parts of one kind apart
	usage provider.Usage
}

// keepQueue is the longest queue whose memory outlives it.
const keepQueue = 8

// begin starts a stream with its Began event.
func (s *stream) begin(events *upstream.Events, read func() error) {
	s.events, s.read, s.part = events, read, -1
	s.push(provider.Event{Type: provider.Began, RequestID: events.Header().Get("X-Request-Id")})
}

// Next implements provider.Stream.
func (s *stream) Next(ev *provider.Event) error {
	for s.head == len(s.queue) {
		if s.err == nil && s.ended {
			s.err = s.events.End()
		}
		if s.err != nil {
			*ev = provider.Event{}
			return s.err
		}
		if cap(s.queue) > keepQueue {
			s.queue = nil
		}
		s.queue, s.head = s.queue[:0], 0
		s.err = s.read()
	}
	*ev = s.queue[s.head]
	s.head++
	return nil
}

// Gather implements provider.Gatherer.
func (s *stream) Gather(dry func(more bool)) { s.events.Gather(dry) }

// Close implements provider.Stream.
func (s *stream) Close() error { return s.events.Close() }

func (s *stream) push(ev provider.Event) { s.queue = append(s.queue, ev) }

// delta queues a piece of text of the given kind, in a new part if the last
// one was another.
func (s *stream) delta(kind provider.EventType, key int, text string) {
	if text == "" {
		return
	}
	if s.kind != kind || s.key != key {
		s.open(kind, key)
	}
	s.push(provider.Event{Type: kind, Part: s.part, Text: upstream.Text(text)})
}

// open begins a part.
func (s *stream) open(kind provider.EventType, key int) {
	s.part++
	s.kind, s.key = kind, key
}

// know queues the usage if it is news.
func (s *stream) know(usage provider.Usage) {
	if usage != s.usage {
		s.usage = usage
		s.push(provider.Event{Type: provider.UsageNow, Usage: usage})
	}
}

// finish queues the last event.
func (s *stream) finish(reason provider.FinishReason) {
	s.ended = true
	s.push(provider.Event{Type: provider.Finish, Finish: reason, Usage: s.usage})
}
