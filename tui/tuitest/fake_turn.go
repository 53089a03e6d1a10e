package tuitest

import (
	"context"
	"io"
	"sync"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui"
)

// Turn is a turn of a Fake.
type Turn struct {
	fake         *Fake
	ID           string
	Conversation string

	mu     sync.Mutex
	events []tui.Event
	more   chan struct{} // closed and replaced when events grows
	answer wire.Message
}

// Say adds a delta to the answer's text.
func (t *Turn) Say(text string) { t.Tell(wire.PartText, 0, text) }

// Tell adds a delta to a part.
func (t *Turn) Tell(kind string, part int, text string) {
	t.mu.Lock()
	for len(t.answer.Parts) <= part {
		t.answer.Parts = append(t.answer.Parts, wire.Part{Type: kind})
	}
	t.answer.Parts[part].Text += text
	t.mu.Unlock()
	t.Event(tui.Event{Name: wire.EventDelta, Delta: &wire.Delta{Part: part, Type: kind, Text: text}})
}

// Event tells any event.
func (t *Turn) Event(ev tui.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, ev)
	close(t.more)
	t.more = make(chan struct{})
}

// End ends the turn. The zero Message is a complete answer.
func (t *Turn) End(msg wire.Message) {
	if msg.State == "" {
		msg.State, msg.Finish = wire.StateComplete, wire.FinishStop
	}
	t.mu.Lock()
	msg.ID, msg.Conversation, msg.Role = t.ID, t.Conversation, wire.RoleAssistant
	msg.Parent, msg.Model, msg.Parts = t.answer.Parent, t.answer.Model, t.answer.Parts
	t.mu.Unlock()
	stored := t.fake.finish(t, msg)
	end := stored
	end.Parts = nil
	name := map[string]string{
		wire.StateComplete: wire.EventCompleted, wire.StateCancelled: wire.EventCancelled,
		wire.StateFailed: wire.EventFailed, wire.StateInterrupted: wire.EventInterrupted,
	}[msg.State]
	t.Event(tui.Event{Name: name, End: &wire.End{Message: end}})
}

// stream tells a turn from its beginning.
type stream struct {
	t  *Turn
	at int
}

func (t *Turn) stream() tui.Stream { return &stream{t: t} }

// Next implements tui.Stream.
func (s *stream) Next(ctx context.Context) (tui.Event, error) {
	for {
		s.t.mu.Lock()
		if s.at < len(s.t.events) {
			ev := s.t.events[s.at]
			s.at++
			s.t.mu.Unlock()
			return ev, nil
		}
		if s.at > 0 && s.t.events[s.at-1].End != nil {
			s.t.mu.Unlock()
			return tui.Event{}, io.EOF
		}
		more := s.t.more
		s.t.mu.Unlock()
		select {
		case <-more:
		case <-ctx.Done():
			return tui.Event{}, ctx.Err()
		}
	}
}

// Close implements tui.Stream.
func (s *stream) Close() error { return nil }
