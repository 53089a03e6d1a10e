package workspace

import (
	"context"
	"errors"
	"io"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/tui"
)

// stream is a client's stream as the interface's.
type stream struct{ s *client.Stream }

// Next implements tui.Stream.
func (s stream) Next(ctx context.Context) (tui.Event, error) {
	ev, err := s.s.Next(ctx)
	if errors.Is(err, io.EOF) {
		return tui.Event{}, io.EOF
	}
	if err != nil {
		return tui.Event{}, failure(err)
	}
	out := tui.Event{Name: ev.Name, Delta: ev.Delta, Snapshot: ev.Snapshot, Notice: ev.Notice, End: ev.End}
	if c := ev.Connection; c != nil {
		out.Name = tui.EventConnection
		out.Connection = &tui.Connection{Lost: c.Lost, Attempt: c.Attempt, Allowed: c.Allowed, Wait: c.Wait}
	}
	return out, nil
}

// Close implements tui.Stream.
func (s stream) Close() error {
	s.s.Close()
	return nil
}
