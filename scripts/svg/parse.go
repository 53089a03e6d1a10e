package main

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// span is text of one style that begins in a cell.
type span struct {
	column, width int // in cells
	text          string
	style         style
}

// parseLine takes a line apart into spans. The style at its end goes on in the
// next line.
func parseLine(line string, s style) ([]span, style) {
	var spans []span
	column := 0
	var state byte
	for len(line) > 0 {
		seq, width, n, next := ansi.DecodeSequence(line, state, nil)
		state, line = next, line[n:]
		if width == 0 {
			if params, ok := sgr(seq); ok {
				s = s.apply(params)
			}
			continue // a hyperlink or another sequence that draws nothing
		}
		if last := len(spans) - 1; last >= 0 && spans[last].style == s && width == 1 && spans[last].narrow() {
			spans[last].text += seq
			spans[last].width++
		} else {
			spans = append(spans, span{column: column, width: width, text: seq, style: s})
		}
		column += width
	}
	return spans, s
}

// narrow reports whether each character has one cell, so that another may join.
func (s span) narrow() bool { return len([]rune(s.text)) == s.width }

// sgr is the parameters of a sequence that selects how text looks.
func sgr(seq string) (string, bool) {
	params, ok := strings.CutPrefix(seq, "\x1b[")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(params, "m")
}
