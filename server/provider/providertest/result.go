package providertest

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/server/provider"
)

// Result is everything that a stream said.
type Result struct {
	RequestID string
	Parts     []Part
	Usage     provider.Usage
	Finish    provider.FinishReason
	Err       error // what ended the stream, if not its end
}

// Part is one part of an answer.
type Part struct {
	Type         provider.PartType
	Text         string // of a tool call: its arguments
	CallID, Name string
	Opaque       string
}

// Text is the answer's visible text.
func (r Result) Text() string {
	var b strings.Builder
	for _, p := range r.Parts {
		if p.Type == provider.Text {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// equal compares everything but errors, of which neither may have one.
func (r Result) equal(other Result) bool {
	return r.Err == nil && other.Err == nil && slices.Equal(r.Parts, other.Parts) &&
		r.RequestID == other.RequestID && r.Usage == other.Usage && r.Finish == other.Finish
}

// Read reads the stream to its end, holding each event to the contract.
func Read(t testing.TB, s provider.Stream) Result {
	t.Helper()
	c := collector{t: t}
	for {
		ev := provider.Event{Text: "left over", Finish: "left over", CallID: "left over"}
		err := s.Next(&ev)
		if err == nil {
			c.add(ev)
			continue
		}
		if !errors.Is(err, io.EOF) {
			c.r.Err = err
			return c.r
		}
		if c.r.Finish == "" {
			t.Error("io.EOF without a Finish event")
		}
		return c.r
	}
}

type collector struct {
	t     testing.TB
	r     Result
	last  int
	count int
}

func (c *collector) add(ev provider.Event) {
	c.t.Helper()
	c.count++
	if strings.Contains(ev.Text+string(ev.Finish)+ev.CallID, "left over") {
		c.t.Error("Next does not overwrite the whole event")
	}
	if c.r.Finish != "" {
		c.t.Errorf("event %+v after Finish", ev)
	}
	switch ev.Type {
	case provider.Began:
		if c.count != 1 {
			c.t.Error("Began is not the first event")
		}
		c.r.RequestID = ev.RequestID
	case provider.TextDelta:
		c.text(ev, provider.Text)
	case provider.ReasoningDelta:
		c.text(ev, provider.Reasoning)
	case provider.ToolDelta:
		p := c.part(ev, provider.ToolCall)
		p.CallID, p.Name, p.Text = p.CallID+ev.CallID, p.Name+ev.Name, p.Text+ev.Text
	case provider.PartOpaque:
		if len(ev.Opaque) == 0 {
			c.t.Error("PartOpaque without bytes")
		}
		p := c.part(ev, "")
		p.Opaque += string(ev.Opaque)
	case provider.UsageNow:
		c.r.Usage = ev.Usage
	case provider.Finish:
		c.finish(ev)
	default:
		c.t.Errorf("unknown event type %d", ev.Type)
	}
}

func (c *collector) finish(ev provider.Event) {
	c.t.Helper()
	c.r.Finish = ev.Finish
	if ev.Usage != (provider.Usage{}) {
		c.r.Usage = ev.Usage
	}
	switch ev.Finish {
	case provider.Stop, provider.Length, provider.Refusal, provider.Filter, provider.Tool:
	default:
		c.t.Errorf("unknown finish reason %q", ev.Finish)
	}
}

func (c *collector) text(ev provider.Event, as provider.PartType) {
	c.t.Helper()
	if ev.Text == "" {
		c.t.Error("an empty delta")
	}
	if !utf8.ValidString(ev.Text) || strings.Contains(ev.Text, "\x00") {
		c.t.Errorf("delta %q is not storable text", ev.Text)
	}
	c.part(ev, as).Text += ev.Text
}

// part returns the part that the event belongs to. An opaque piece takes any
// type; a part that begins with one is of the type that follows, if any.
func (c *collector) part(ev provider.Event, as provider.PartType) *Part {
	c.t.Helper()
	switch {
	case ev.Part < c.last:
		c.t.Errorf("the event goes back from part %d to %d", c.last, ev.Part)
		return &Part{}
	case ev.Part > len(c.r.Parts):
		c.t.Errorf("the event skips to part %d of %d", ev.Part, len(c.r.Parts))
		return &Part{}
	case ev.Part == len(c.r.Parts):
		c.r.Parts = append(c.r.Parts, Part{})
	}
	c.last = ev.Part
	p := &c.r.Parts[ev.Part]
	if p.Type == "" {
		p.Type = as
	}
	if as != "" && p.Type != as {
		c.t.Errorf("part %d changes from %s to %s", ev.Part, p.Type, as)
	}
	return p
}
