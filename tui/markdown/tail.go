package markdown

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/tui/terminal"
)

// tail keeps what was drawn of the open piece, so that a delta costs little even
// where the piece is large.
type tail struct {
	by     *Renderer
	source int // how much of the piece was drawn
	lines  []string

	// Of a code block, the lines that have ended: they are drawn once each.
	ended      []string
	endedBytes int
}

// rest is the part of a large piece that may wait to be drawn as Markdown, as a
// fraction of the piece: what all the redrawing costs stays in proportion to the
// piece.
const restFraction = 8

// smallTail is drawn anew each time.
const smallTail = 2 << 10

func (t *tail) render(p Piece, r *Renderer, refs *references, first bool) []string {
	if t.by != r || len(p.Source) < t.source {
		*t = tail{by: r}
	}
	switch {
	case p.Kind == Code:
		return t.code(p, r, first)
	case t.lines != nil && t.source == len(p.Source):
		return t.lines
	case len(p.Source) > smallTail && t.source > 0 && len(p.Source)-t.source < len(p.Source)/restFraction:
		rest := terminal.Wrap(strings.TrimRight(p.Source[t.source:], "\n"), r.width)
		return append(slices.Clip(t.lines), rest...)
	}
	t.lines, t.source = r.Piece(p, refs, first), len(p.Source)
	return t.lines
}

// code draws each line of an open code block when it ends, and the last one each
// time.
func (t *tail) code(p Piece, r *Renderer, first bool) []string {
	body := codeBody(p)
	if t.source == 0 && !first && p.First && body != "" {
		t.ended = append(t.ended, "")
	}
	if body != "" {
		t.source = len(p.Source)
	}
	end := strings.LastIndexByte(body, '\n') + 1
	if end > t.endedBytes {
		t.ended = append(t.ended, r.code(p.Info, body[t.endedBytes:end])...)
		t.endedBytes = end
	}
	t.lines = t.ended
	if last := body[end:]; last != "" {
		t.lines = append(slices.Clip(t.ended), r.code("", last)...)
	}
	return t.lines
}
