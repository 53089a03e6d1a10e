package demo

import (
	"context"
	"io"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// stream sends Began, the text piece by piece, the usage and Finish.
type stream struct {
	options Options
	ctx     context.Context // the answer's; Close ends it
	cancel  context.CancelFunc

	pieces []string
	usage  provider.Usage
	finish provider.FinishReason
	step   int
}

func (s *stream) Next(ev *provider.Event) error {
	*ev = provider.Event{}
	if err := s.ctx.Err(); err != nil {
		return fault.Of(err)
	}
	text := s.step - 1
	switch {
	case text < 0:
		ev.Type = provider.Began
	case text < len(s.pieces):
		if err := s.pause(text); err != nil {
			return err
		}
		ev.Type, ev.Text = provider.TextDelta, s.pieces[text]
	case text == len(s.pieces):
		ev.Type, ev.Usage = provider.UsageNow, s.usage
	case text == len(s.pieces)+1:
		ev.Type, ev.Finish, ev.Usage = provider.Finish, s.finish, s.usage
	default:
		return io.EOF
	}
	s.step++
	return nil
}

// pause waits before every piece but the first: the first token is not delayed.
func (s *stream) pause(piece int) error {
	if piece == 0 || s.options.Delay <= 0 {
		return nil
	}
	if err := s.options.Wait(s.ctx, s.options.Delay); err != nil {
		return fault.Of(err)
	}
	return nil
}

func (s *stream) Close() error {
	s.cancel()
	return nil
}
