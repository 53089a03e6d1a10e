package gemini

import (
	"errors"
	"fmt"
	"io"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// stream implements provider.Stream.
type stream struct {
	events *upstream.Events
	began  bool
	err    error // what ended it, once the queue is empty

	in    chunk            // the chunk in hand; reused
	queue []provider.Event // what the last chunk said; reused
	next  int              // of the queue

	id     string // the response's
	usage  provider.Usage
	finish provider.FinishReason
	called bool // a tool

	parts int                // begun so far
	open  provider.EventType // of the last part's deltas: more of them continue it
}

// Next implements provider.Stream.
func (s *stream) Next(ev *provider.Event) error {
	for {
		if s.next < len(s.queue) {
			*ev = s.queue[s.next]
			s.next++
			return nil
		}
		if s.err != nil {
			*ev = provider.Event{}
			return s.err
		}
		s.queue, s.next = s.queue[:0], 0
		s.err = s.step()
	}
}

// Gather implements provider.Gatherer.
func (s *stream) Gather(dry func(more bool)) { s.events.Gather(dry) }

// Close implements provider.Stream.
func (s *stream) Close() error { return s.events.Close() }

// step reads one chunk and queues what it says.
func (s *stream) step() error {
	raw, err := s.events.Next()
	if err != nil {
		return s.end(err)
	}
	if raw.Name != "" {
		return nil // this API names no events: one from the future
	}
	if err := s.events.Read(raw.Data, &s.in); err != nil {
		return err
	}
	if s.in.Error != nil {
		return s.events.Fault(s.in.Error.trouble())
	}
	return s.take(&s.in)
}

// end is what the end of the response, or of the connection, means: after a
// finish reason nothing is missing.
func (s *stream) end(err error) error {
	atEnd := errors.Is(err, io.EOF)
	if s.finish != "" && (atEnd || fault.Is(err, fault.ProviderTruncated)) {
		s.put(provider.Event{Type: provider.Finish, Finish: s.finish, Usage: s.usage})
		return io.EOF
	}
	if atEnd {
		return s.events.Truncated()
	}
	return err
}

func (s *stream) put(ev provider.Event) { s.queue = append(s.queue, ev) }

func (s *stream) take(in *chunk) error {
	if in.ResponseID != "" {
		s.id = in.ResponseID
	}
	if !s.began {
		s.began = true
		s.put(provider.Event{Type: provider.Began, RequestID: s.id})
	}
	if f := in.PromptFeedback; f != nil && f.BlockReason != "" {
		s.finish = provider.Filter
	}
	if len(in.Candidates) > 0 {
		for i := range in.Candidates[0].Content.Parts {
			s.part(&in.Candidates[0].Content.Parts[i])
		}
	}
	s.count(in.Usage)
	if len(in.Candidates) > 0 {
		return s.finished(in.Candidates[0].FinishReason, in.Candidates[0].FinishMessage)
	}
	return nil
}

// count queues the usage if it is news.
func (s *stream) count(u *usage) {
	if u == nil || u.usage() == s.usage {
		return
	}
	s.usage = u.usage()
	s.put(provider.Event{Type: provider.UsageNow, Usage: s.usage})
}

// part queues what a part of the answer says.
func (s *stream) part(p *part) {
	switch {
	case p.FunctionCall != nil:
		s.call(p.FunctionCall)
	case p.Text == "":
	case p.Thought:
		s.text(provider.ReasoningDelta, p.Text)
	default:
		s.text(provider.TextDelta, p.Text)
	}
	if p.ThoughtSignature != "" {
		if s.parts == 0 {
			s.begin(provider.PartOpaque)
		}
		s.put(provider.Event{Type: provider.PartOpaque, Part: s.parts - 1, Opaque: []byte(p.ThoughtSignature)})
		s.open = 0 // what follows is another part: a signature seals what it came with
	}
}

// begin begins a part of that kind.
func (s *stream) begin(as provider.EventType) {
	s.parts++
	s.open = as
}

func (s *stream) text(as provider.EventType, text string) {
	if s.open != as {
		s.begin(as)
	}
	s.put(provider.Event{Type: as, Part: s.parts - 1, Text: upstream.Text(text)})
}

// call queues a tool call, which comes whole. One without an id gets one of
// ours, as a result has to name it.
func (s *stream) call(f *functionCall) {
	s.begin(provider.ToolDelta)
	s.open = 0
	s.called = true
	ev := provider.Event{
		Type: provider.ToolDelta, Part: s.parts - 1,
		CallID: f.ID, Name: f.Name, Text: upstream.Text(string(f.Args)),
	}
	if ev.CallID == "" {
		ev.CallID = fmt.Sprintf("call_%s_%d", s.id, ev.Part)
	}
	s.put(ev)
}

// finished takes the finish reason over, if the chunk names one. Tool calls end
// with STOP like everything else. A reason that is neither an end nor a limit
// counts as the filter's: what is there must not pass for the whole answer.
func (s *stream) finished(reason, message string) error {
	switch reason {
	case "", "FINISH_REASON_UNSPECIFIED":
	case "STOP":
		s.finish = provider.Stop
		if s.called {
			s.finish = provider.Tool
		}
	case "MAX_TOKENS":
		s.finish = provider.Length
	case "MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE", "MALFORMED_RESPONSE":
		if message == "" {
			message = "the answer ended with " + reason
		}
		return s.events.Fault(upstream.Trouble{Kind: fault.ProviderFailed, Message: message})
	default: // SAFETY, RECITATION, LANGUAGE, BLOCKLIST, PROHIBITED_CONTENT, SPII, OTHER, those for images
		s.finish = provider.Filter
	}
	return nil
}
