package main

import (
	"strings"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// shown is how much of an answer's text has been shown on a stream that takes
// nothing back. The zero value is nothing.
type shown struct {
	text strings.Builder
	part int // the part that the last of it belongs to

	// compared says that the text is no longer simply what the deltas say:
	// from then on what is new is found by comparing.
	compared bool
}

// changesText reports whether an event may have changed the text.
func changesText(ev client.Event) bool {
	return ev.Snapshot != nil || ev.Delta != nil && ev.Delta.Type == wire.PartText
}

// rest is what has to be shown after an event that the answer has taken in. A
// delta at the end of the text is its own: nothing is compared, so that a long
// answer costs no more for each delta than a short one.
func (s *shown) rest(ev client.Event, a *answer) string {
	if d := ev.Delta; d != nil && !s.compared && d.Part >= s.part {
		s.part = d.Part
		s.text.WriteString(d.Text)
		return d.Text
	}
	s.compared = true
	return s.remainder(a.text())
}

// remainder is what of the whole text has not been shown. Where the text tells
// less than was shown, or something else, there is nothing to add.
func (s *shown) remainder(whole string) string {
	if !strings.HasPrefix(whole, s.text.String()) {
		return ""
	}
	rest := whole[s.text.Len():]
	s.text.WriteString(rest)
	return rest
}

// differs reports whether what was shown is not the whole text.
func (s *shown) differs(whole string) bool { return s.text.String() != whole }

// midLine reports whether what was shown does not end a line.
func (s *shown) midLine() bool {
	return s.text.Len() > 0 && !strings.HasSuffix(s.text.String(), "\n")
}
