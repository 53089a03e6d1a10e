package markdown

import "strings"

// Printer turns a streamed answer into lines for a terminal that is not ours to
// redraw: each line is returned once, when nothing can change it any more, and
// never taken back. A code block comes line by line, prose and lists as soon as a
// row is full and no emphasis, code span or link is open in it, a table when it
// ends.
//
// Two things come out differently from Renderer.Render. A paragraph that turns out
// to be the text of an underlined heading has been printed in part as prose. And
// link reference definitions are printed as they are written: what refers to them
// may be printed already.
type Printer struct {
	split Splitter
	cr    cleaner
	r     *Renderer

	first   bool // nothing was printed yet
	printed int  // lines of the open piece that are
	drawn   int  // how long the open piece was when it was last drawn
	tail    tail // of an open code block
}

// NewPrinter prints with a renderer.
func NewPrinter(r *Renderer) *Printer { return &Printer{r: r, first: true} }

// Write adds text and returns the lines that are ready, without line ends.
func (p *Printer) Write(delta string) []string {
	return append(p.finish(p.split.Write(p.cr.clean(delta))), p.settle()...)
}

// Close returns what is left.
func (p *Printer) Close() []string {
	out := p.finish(p.split.Write(p.cr.rest()))
	return append(out, p.finish(p.split.Close())...)
}

// finish prints what is left of pieces that have ended.
func (p *Printer) finish(pieces []Piece) []string {
	var out []string
	for _, piece := range pieces {
		if piece.Kind == Text && definition().MatchString(piece.Source) {
			piece.Kind = Plain
		}
		lines := p.r.Piece(piece, nil, p.first)
		out = append(out, lines[min(p.printed, len(lines)):]...)
		p.first = p.first && len(lines) == 0
		p.printed, p.drawn, p.tail = 0, 0, tail{}
	}
	return out
}

// settle prints what will not change of the open piece.
func (p *Printer) settle() []string {
	lines := p.settled()
	if len(lines) <= p.printed {
		return nil
	}
	out := lines[p.printed:]
	p.printed = len(lines)
	return out
}

func (p *Printer) settled() []string {
	open := p.split.Tail()
	if open.Kind == Code {
		p.tail.render(open, p.r, nil, p.first)
		return p.tail.ended
	}
	if open.Kind == Plain || len(open.Source)-p.drawn < p.r.width || len(open.Source)-p.drawn < len(open.Source)/(2*restFraction) {
		return nil // cut soon, or too little is new
	}
	p.drawn = len(open.Source)
	if p.split.blank { // whether the next line belongs to this piece is not known
		open.Source = open.Source[:p.split.seen]
	}
	open.Source = open.Source[:settledText(open.Source)]
	if definition().MatchString(open.Source) {
		return nil
	}
	lines := p.r.Piece(open, nil, p.first)
	return lines[:max(len(lines)-1, 0)]
}

// settledText is how much of open Markdown reads the same whatever follows: up to
// the last word that ends outside every inline construct. A table reads as prose
// until its second line, so nothing of a text with a bar is settled.
func settledText(s string) int {
	if strings.Contains(s, "|") {
		return 0
	}
	settled, brackets := 0, 0
	marks := map[byte]int{}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			i++
		case '*', '_', '`', '~':
			n := run(s[i:])
			if marker := strings.TrimSpace(s[strings.LastIndexByte(s[:i], '\n')+1:i]) == ""; !marker || c != '*' || n > 1 || i+1 >= len(s) || s[i+1] != ' ' {
				marks[c] = toggle(marks[c], n)
			}
			i += n - 1
		case '[', '<':
			brackets++
		case ']', '>':
			brackets = max(brackets-1, 0)
		case ' ', '\n':
			if brackets == 0 && marks['*'] == 0 && marks['_'] == 0 && marks['`'] == 0 && marks['~'] == 0 {
				settled = i
			}
		}
	}
	return settled
}

// toggle opens a run of marks, or closes as much of what is open.
func toggle(open, n int) int {
	if open == 0 {
		return n
	}
	return max(open-n, 0)
}
