package chat

import (
	"strings"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/cost"
	"github.com/aichat-term/aichat/tui/markdown"
)

// item is a message and how it is drawn.
type item struct {
	msg     wire.Message // without its parts' text while it streams
	parts   []part
	running bool
	notice  string

	open   bool // the reasoning is shown
	blocks blocks
}

// part is a part of a message as it grows. Its text is kept byte for byte.
type part struct {
	wire.Part
	text   strings.Builder
	weight cost.Weight        // of text, kept as it grows
	doc    *markdown.Document // of an answer's text
}

func newItem(m wire.Message) *item {
	it := &item{msg: m}
	it.setParts(m.Parts, m.Role == wire.RoleAssistant)
	it.msg.Parts = nil
	return it
}

func (it *item) setParts(parts []wire.Part, answer bool) {
	it.parts = make([]part, len(parts))
	for i, p := range parts {
		it.parts[i].Part = p
		it.parts[i].Text = ""
		it.parts[i].write(p.Text, answer)
		if d := it.parts[i].doc; d != nil && !it.running {
			d.Close()
		}
	}
	it.blocks.changed()
}

func (p *part) write(text string, answer bool) {
	p.text.WriteString(text)
	p.weight = p.weight.Plus(cost.Of(text))
	if p.Type != wire.PartText || !answer {
		return
	}
	if p.doc == nil {
		p.doc = &markdown.Document{}
	}
	p.doc.Write(text)
}

// delta adds a piece of the answer.
func (it *item) delta(d wire.Delta) {
	for len(it.parts) <= d.Part {
		it.parts = append(it.parts, part{Part: wire.Part{Type: d.Type}})
	}
	p := &it.parts[d.Part]
	if p.Type == "" {
		p.Type = d.Type
	}
	if d.Name != "" {
		p.Name, p.CallID = d.Name, d.CallID
	}
	p.write(d.Text, true)
	it.blocks.changed()
}

// end takes over how the answer ended.
func (it *item) end(m wire.Message) {
	it.running, it.notice = false, ""
	for i := range it.parts {
		if d := it.parts[i].doc; d != nil {
			d.Close()
		}
	}
	m.Parts, m.Siblings = nil, it.siblings(m)
	if m.Parent == "" {
		m.Parent = it.msg.Parent
	}
	if m.Role == "" {
		m.Role = it.msg.Role
	}
	if m.ID == "" {
		m.ID = it.msg.ID
	}
	it.msg = m
	it.blocks.changed()
}

func (it *item) siblings(m wire.Message) []string {
	if len(m.Siblings) > 0 {
		return m.Siblings
	}
	return it.msg.Siblings
}

// text is what the message says, as it was said.
func (it *item) text() string {
	var b strings.Builder
	for i := range it.parts {
		if it.parts[i].Type == wire.PartText {
			b.WriteString(it.parts[i].text.String())
		}
	}
	return b.String()
}

// reasoning is what the model thought, as far as it says.
func (it *item) reasoning() string {
	var b strings.Builder
	for i := range it.parts {
		if it.parts[i].Type == wire.PartReasoning {
			b.WriteString(it.parts[i].text.String())
		}
	}
	return b.String()
}

// begun reports whether any text of the answer is there.
func (it *item) begun() bool {
	for i := range it.parts {
		if it.parts[i].Type == wire.PartText && it.parts[i].text.Len() > 0 {
			return true
		}
	}
	return false
}
