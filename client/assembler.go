package client

import (
	"slices"
	"strings"

	"github.com/aichat-term/aichat/client/wire"
)

// maxParts is how many parts an answer may have; deltas beyond are dropped.
const maxParts = 1 << 16

// Assembler makes an answer's parts of a stream's events. The zero Assembler
// is empty. It is used by one goroutine.
type Assembler struct {
	parts []assembled
}

// assembled is a part that grows; without a type it has not begun.
type assembled struct {
	part wire.Part // without what text holds
	text []byte
}

// Apply takes an event in, and reports whether the answer changed.
func (a *Assembler) Apply(ev Event) bool {
	switch {
	case ev.Delta != nil:
		return a.add(ev.Delta)
	case ev.Snapshot != nil:
		a.replace(ev.Snapshot.Parts)
		return true
	}
	return false
}

func (a *Assembler) add(d *wire.Delta) bool {
	if d.Part < 0 || d.Part >= maxParts {
		return false
	}
	for len(a.parts) <= d.Part {
		a.parts = append(a.parts, assembled{})
	}
	p := &a.parts[d.Part]
	if p.part.Type == "" {
		p.part.Type = d.Type
	}
	if d.Name != "" {
		p.part.Name = d.Name
	}
	if d.CallID != "" {
		p.part.CallID = d.CallID
	}
	p.text = append(p.text, d.Text...)
	return true
}

func (a *Assembler) replace(parts []wire.Part) {
	a.parts = a.parts[:0]
	for _, p := range parts {
		grown := assembled{part: p, text: []byte(p.Text)}
		if p.Type == wire.PartToolCall {
			grown.text = []byte(p.Arguments)
		}
		a.parts = append(a.parts, grown)
	}
}

// Parts are the parts so far, of the types that were told of.
func (a *Assembler) Parts() []wire.Part {
	parts := make([]wire.Part, 0, len(a.parts))
	for _, grown := range a.parts {
		p := grown.part
		switch p.Type {
		case "":
			continue
		case wire.PartToolCall:
			p.Arguments = string(grown.text)
		default:
			p.Text = string(grown.text)
		}
		parts = append(parts, p)
	}
	return slices.Clip(parts)
}

// Text is the answer's text so far: its text parts, one after the other.
func (a *Assembler) Text() string { return a.join(wire.PartText) }

// Reasoning is what was told of the model's reasoning so far.
func (a *Assembler) Reasoning() string { return a.join(wire.PartReasoning) }

func (a *Assembler) join(kind string) string {
	var b strings.Builder
	for _, p := range a.parts {
		if p.part.Type == kind {
			b.Write(p.text)
		}
	}
	return b.String()
}
