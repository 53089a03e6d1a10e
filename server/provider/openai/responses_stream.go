package openai

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// responseStream reads the events of Responses. The end marker is one of
// response.completed, response.incomplete and response.failed.
type responseStream struct {
	stream
	head responseHead  // reused, as is
	ev   responseEvent // the event in hand

	summary int // the summary of the reasoning that is being written
	refused bool
	calls   map[int]bool // by output index: whether its arguments have come
}

func (s *responseStream) readEvent() error {
	ev, err := s.events.Next()
	if errors.Is(err, io.EOF) {
		return s.events.Truncated()
	}
	if err != nil {
		return err
	}
	name := ev.Name
	if name == "" { // some compatible servers leave it to the data
		if name, err = s.typeOf(ev.Data); err != nil {
			return err
		}
	}
	return s.dispatch(name, ev.Data)
}

func (s *responseStream) typeOf(data []byte) (string, error) {
	if isDone(data) {
		return "", nil // of the other dialect; it marks nothing here
	}
	if err := s.events.Read(data, &s.head); err != nil {
		return "", err
	}
	if s.head.Error && s.head.Type == "" {
		return "error", nil
	}
	return s.head.Type, nil
}

// dispatch decodes the events that matter; the many that repeat what the
// deltas have said, and those that do not exist yet, are not even parsed.
func (s *responseStream) dispatch(name string, data []byte) error {
	var handle func(*responseStream) error
	switch name {
	case "response.output_text.delta":
		handle = (*responseStream).text
	case "response.refusal.delta":
		handle = (*responseStream).refusal
	case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
		handle = (*responseStream).reasoning
	case "response.function_call_arguments.delta":
		handle = (*responseStream).arguments
	case "response.output_item.added":
		handle = (*responseStream).itemAdded
	case "response.output_item.done":
		handle = (*responseStream).itemDone
	case "response.completed", "response.incomplete":
		handle = (*responseStream).complete
	case "response.failed":
		handle = (*responseStream).failed
	case "error":
		return s.events.Fault(trouble(data))
	default:
		return nil
	}
	if err := s.events.Read(data, &s.ev); err != nil {
		return err
	}
	return handle(s)
}

func (s *responseStream) text() error {
	// One item's texts are parts of their own; more than 64 Ki of them would
	// only run together.
	s.delta(provider.TextDelta, s.ev.OutputIndex<<16+s.ev.ContentIndex, s.ev.Delta)
	return nil
}

func (s *responseStream) refusal() error {
	s.refused = true
	return s.text()
}

// reasoning writes the summaries of one item as one part, set apart by a blank
// line.
func (s *responseStream) reasoning() error {
	text := s.ev.Delta
	if s.in(provider.ReasoningDelta) && s.summary != s.ev.SummaryIndex && text != "" {
		text = "\n\n" + text
	}
	s.summary = s.ev.SummaryIndex
	s.delta(provider.ReasoningDelta, s.ev.OutputIndex, text)
	return nil
}

// in reports whether the event continues the part that is being written.
func (s *responseStream) in(kind provider.EventType) bool {
	return s.kind == kind && s.key == s.ev.OutputIndex
}

func (s *responseStream) itemAdded() error {
	if item := s.ev.Item; item != nil && item.Type == "function_call" {
		s.beginCall(item)
	}
	return nil
}

// beginCall begins the part of a tool call, with the arguments that are there.
func (s *responseStream) beginCall(item *outputItem) {
	if s.calls == nil {
		s.calls = map[int]bool{}
	}
	s.calls[s.ev.OutputIndex] = item.Arguments != ""
	s.open(provider.ToolDelta, s.ev.OutputIndex)
	s.push(provider.Event{
		Type: provider.ToolDelta, Part: s.part,
		CallID: item.CallID, Name: item.Name, Text: upstream.Text(item.Arguments),
	})
}

func (s *responseStream) arguments() error {
	return s.argue(s.ev.Delta)
}

// argue adds to the arguments of the call that is being written.
func (s *responseStream) argue(text string) error {
	if text == "" {
		return nil
	}
	if !s.in(provider.ToolDelta) {
		return fault.New(fault.ProviderMalformed, "")
	}
	s.calls[s.ev.OutputIndex] = true
	s.delta(provider.ToolDelta, s.ev.OutputIndex, text)
	return nil
}

func (s *responseStream) itemDone() error {
	item := s.ev.Item
	switch {
	case item == nil:
		return nil
	case item.Type == "reasoning" && item.Encrypted != "":
		return s.sealed(item)
	case item.Type == "function_call":
		return s.callDone(item)
	}
	return nil
}

// callDone makes up for servers that announce no calls, or send their
// arguments whole.
func (s *responseStream) callDone(item *outputItem) error {
	argued, begun := s.calls[s.ev.OutputIndex]
	switch {
	case !begun:
		s.beginCall(item)
	case !argued:
		return s.argue(item.Arguments)
	}
	return nil
}

// sealed adds the item as it must go back to the part that shows its summary,
// or makes it a part of its own where nothing was shown.
func (s *responseStream) sealed(item *outputItem) error {
	back := reasoningItem{Type: item.Type, ID: item.ID, Summary: item.Summary, Encrypted: item.Encrypted}
	if len(back.Summary) == 0 {
		back.Summary = json.RawMessage("[]")
	}
	opaque, err := json.Marshal(back)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "")
	}
	if !s.in(provider.ReasoningDelta) {
		s.open(provider.ReasoningDelta, s.ev.OutputIndex)
	}
	s.push(provider.Event{Type: provider.PartOpaque, Part: s.part, Opaque: opaque})
	return nil
}

func (s *responseStream) complete() error {
	end := s.ev.Response
	if end == nil {
		return fault.New(fault.ProviderMalformed, "")
	}
	s.knowEnd(end)
	s.finish(s.finishReason(end))
	return nil
}

func (s *responseStream) finishReason(end *responseEnd) provider.FinishReason {
	switch {
	case end.Incomplete != nil && end.Incomplete.Reason == "content_filter":
		return provider.Filter
	case end.Incomplete != nil && end.Incomplete.Reason != "":
		return provider.Length // max_output_tokens, and limits to come
	case len(s.calls) > 0:
		return provider.Tool
	case s.refused:
		return provider.Refusal
	}
	return provider.Stop
}

func (s *responseStream) failed() error {
	end := s.ev.Response
	if end == nil || end.Error == nil {
		return s.events.Fault(upstream.Trouble{})
	}
	s.knowEnd(end)
	return s.events.Fault(end.Error.trouble(200))
}

func (s *responseStream) knowEnd(end *responseEnd) {
	if end.Usage != nil {
		s.know(end.Usage.usage())
	}
}
