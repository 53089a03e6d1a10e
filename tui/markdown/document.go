package markdown

import (
	"strings"
	"unicode/utf8"

	"github.com/aichat-term/aichat/tui/terminal"
)

// Document is a text that grows, as blocks of rendered lines. Blocks before the
// last stay as they are (but where a link is defined later); the last one is open
// until Close. The zero value is ready; it is not safe for concurrent use.
type Document struct {
	split  Splitter
	blocks []block
	tail   tail
	refs   references
	cr     cleaner
	closed bool
	bytes  int
}

// block is a finished piece with its rendering.
type block struct {
	piece Piece
	lines []string
	by    *Renderer
}

// Whole is a finished document.
func Whole(text string) *Document {
	d := &Document{}
	d.Write(text)
	d.Close()
	return d
}

// Write adds text as it comes from elsewhere: it is cleaned here.
func (d *Document) Write(delta string) { d.add(d.cr.clean(delta)) }

// Close says that nothing follows.
func (d *Document) Close() {
	if d.closed {
		return
	}
	d.add(d.cr.rest())
	d.keep(d.split.Close())
	d.closed = true
}

// cleaner is terminal.Clean for deltas: a carriage return at the end of one waits
// for what follows it. So does the first half of a rune.
type cleaner struct{ held string }

func (c *cleaner) clean(delta string) string {
	delta, c.held = c.held+delta, ""
	keep := len(delta)
	for keep > 0 && len(delta)-keep < utf8.UTFMax-1 && !utf8.RuneStart(delta[keep-1]) {
		keep--
	}
	if keep > 0 && !utf8.FullRuneInString(delta[keep-1:]) {
		keep--
	} else {
		keep = len(delta)
	}
	if strings.HasSuffix(delta[:keep], "\r") {
		keep--
	}
	c.held = delta[keep:]
	return terminal.Clean(delta[:keep])
}

func (c *cleaner) rest() string {
	s := c.held
	c.held = ""
	return terminal.Clean(s)
}

func (d *Document) add(text string) {
	d.bytes += len(text)
	d.keep(d.split.Write(text))
}

func (d *Document) keep(pieces []Piece) {
	for _, p := range pieces {
		if p.Kind == Text && d.refs.collect(p.Source) {
			d.forgetLinks()
		}
		d.blocks = append(d.blocks, block{piece: p})
		d.tail = tail{}
	}
}

// forgetLinks drops renderings that a new definition may change.
func (d *Document) forgetLinks() {
	for i := range d.blocks {
		if strings.Contains(d.blocks[i].piece.Source, "[") {
			d.blocks[i].by = nil
		}
	}
}

// Len is how many blocks there are, the open one included.
func (d *Document) Len() int {
	if d.split.Tail().Source != "" {
		return len(d.blocks) + 1
	}
	return len(d.blocks)
}

// Bytes is how much text was written, cleaned.
func (d *Document) Bytes() int { return d.bytes }

// Block is the i-th block's lines as r draws them, the blank line before it
// included. The slice is the document's: do not change it.
func (d *Document) Block(i int, r *Renderer) []string {
	if i == len(d.blocks) {
		return d.tail.render(d.split.Tail(), r, &d.refs, i == 0)
	}
	b := &d.blocks[i]
	if b.by != r {
		b.lines, b.by = r.Piece(b.piece, &d.refs, i == 0), r
	}
	return b.lines
}

// Lines is the whole document's lines.
func (d *Document) Lines(r *Renderer) []string {
	var lines []string
	for i := range d.Len() {
		lines = append(lines, d.Block(i, r)...)
	}
	return lines
}
