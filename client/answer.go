package client

import (
	"context"
	"errors"
	"io"

	"github.com/aichat-term/aichat/client/wire"
)

// Answer is all that a turn told.
type Answer struct {
	Turn    *wire.Turn // nil where the stream began after it
	Parts   []wire.Part
	Notices []wire.Notice
	End     *wire.End // nil where the stream broke off
}

// Text is the answer's text.
func (a Answer) Text() (text string) {
	for _, p := range a.Parts {
		if p.Type == wire.PartText {
			text += p.Text
		}
	}
	return text
}

// Collect reads a stream to its end and closes it. When it fails, the Answer
// holds what had come by then. It is to begin with the turn: deltas that came
// before are not in it.
func Collect(ctx context.Context, s *Stream) (Answer, error) {
	defer s.Close()
	var a Answer
	var parts Assembler
	for {
		ev, err := s.Next(ctx)
		if err != nil {
			a.Parts = parts.Parts()
			if errors.Is(err, io.EOF) && a.End != nil {
				err = nil
			}
			return a, err
		}
		parts.Apply(ev)
		switch {
		case ev.Turn != nil:
			a.Turn = ev.Turn
		case ev.Notice != nil:
			a.Notices = append(a.Notices, *ev.Notice)
		case ev.End != nil:
			a.End = ev.End
		}
	}
}
