package chat

import (
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/terminal"
)

// linesPerBlock is how many lines of a question are laid out at a time.
const linesPerBlock = 100

// blocks are a message's parts on the screen: a head, what was thought, the text
// in pieces, and a foot. Head and foot are drawn when the item or the look
// changed; the text's pieces are kept by the document.
type blocks struct {
	version int // of the item
	drawn   int // the version that head, thought and foot are of
	look    look

	head, thought, foot []string
	question            [][]string // a question's pieces, as they are drawn
	raw                 []string   // and as they are written
}

// look is what a drawing depends on beside the item.
type look struct {
	r        *renderers
	thoughts bool
}

func (b *blocks) changed() { b.version++ }

// block is the i-th block; ok is false past the last. Most messages have a
// handful, a long answer hundreds.
func (it *item) block(i int, l look) (lines []string, ok bool) {
	it.prepare(l)
	switch {
	case i == 0:
		return it.blocks.head, true
	case i == 1:
		return it.blocks.thought, true
	}
	i -= 2
	if it.msg.Role == wire.RoleUser {
		if i < len(it.blocks.raw) {
			return it.questionBlock(i, l), true
		}
		i -= len(it.blocks.raw)
	} else {
		for k := range it.parts {
			d := it.parts[k].doc
			if d == nil {
				continue
			}
			if i < d.Len() {
				return d.Block(i, l.r.markdown), true
			}
			i -= d.Len()
		}
	}
	return it.blocks.foot, i == 0
}

// count is how many blocks there are.
func (it *item) count(l look) int {
	it.prepare(l)
	n := len(it.blocks.raw)
	if it.msg.Role != wire.RoleUser {
		n = 0
		for k := range it.parts {
			if d := it.parts[k].doc; d != nil {
				n += d.Len()
			}
		}
	}
	return n + 3
}

// prepare draws head, thought and foot anew where they may have changed.
func (it *item) prepare(l look) {
	b := &it.blocks
	l.thoughts = l.thoughts || it.open
	if b.drawn == b.version && b.look == l && b.head != nil {
		return
	}
	if b.look.r != l.r || b.drawn != b.version {
		b.raw = nil
	}
	b.drawn, b.look = b.version, l
	b.head = it.headLines(l)
	b.thought = it.thoughtLines(l)
	b.foot = it.footLines(l)
	if it.msg.Role == wire.RoleUser && b.raw == nil {
		b.raw = inParts(it.text())
		b.question = make([][]string, len(b.raw))
	}
}

func (it *item) questionBlock(i int, l look) []string {
	if it.blocks.question[i] == nil {
		it.blocks.question[i] = terminal.Wrap(terminal.Clean(it.blocks.raw[i]), l.r.width)
	}
	return it.blocks.question[i]
}

// inParts cuts a long text at line ends.
func inParts(s string) []string {
	s = strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	var parts []string
	for {
		at := 0
		for range linesPerBlock {
			n := strings.IndexByte(s[at:], '\n')
			if n < 0 {
				return append(parts, s)
			}
			at += n + 1
		}
		parts, s = append(parts, s[:at-1]), s[at:]
	}
}
