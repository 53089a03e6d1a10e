package anthropic

import (
	"errors"
	"io"

	"github.com/aichat-term/aichat/client/wire/sse"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// usage counts are absolute so far; what is absent stays as it was.
type usage struct {
	Input      *upstream.Count `json:"input_tokens"`
	CacheRead  *upstream.Count `json:"cache_read_input_tokens"`
	CacheWrite *upstream.Count `json:"cache_creation_input_tokens"`
	Writes     *struct {
		Hour *upstream.Count `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"` // what CacheWrite is made of
	Output  *upstream.Count `json:"output_tokens"`
	Details *struct {
		Thinking *upstream.Count `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
}

// UnmarshalJSON implements json.Unmarshaler: what is no usage is none.
func (u *usage) UnmarshalJSON(b []byte) error {
	type plain usage
	return upstream.Lenient(b, (*plain)(u))
}

// mergeInto takes over what is reported. The API counts cached input beside the
// input, and thinking within the output, as we do.
func (u *usage) mergeInto(total *provider.Usage) {
	if u == nil {
		return
	}
	apart := func(to *int64, n *upstream.Count) {
		if n != nil {
			*to = n.Apart()
		}
	}
	within := func(to *int64, n *upstream.Count) {
		if n != nil {
			*to = int64(*n)
		}
	}
	apart(&total.Input, u.Input)
	apart(&total.CachedRead, u.CacheRead)
	apart(&total.CachedWrite, u.CacheWrite)
	if u.Writes != nil {
		within(&total.CachedWriteLong, u.Writes.Hour)
	}
	apart(&total.Output, u.Output)
	if u.Details != nil {
		within(&total.Reasoning, u.Details.Thinking)
	}
}

// stream implements provider.Stream.
type stream struct {
	events *upstream.Events
	began  bool
	err    error // what ended it

	in        event // the event in hand; reused
	usage     provider.Usage
	finish    provider.FinishReason
	signature string // of the block in hand

	parts  int  // begun so far
	inPart bool // the block in hand has become part number parts-1
}

// Next implements provider.Stream.
func (s *stream) Next(ev *provider.Event) error {
	*ev = provider.Event{}
	if !s.began {
		s.began = true
		ev.Type, ev.RequestID = provider.Began, s.events.Header().Get("Request-Id")
		return nil
	}
	for s.err == nil && ev.Type == 0 {
		s.err = s.step(ev)
	}
	if ev.Type != 0 {
		return nil
	}
	return s.err
}

// Gather implements provider.Gatherer.
func (s *stream) Gather(dry func(more bool)) { s.events.Gather(dry) }

// Close implements provider.Stream.
func (s *stream) Close() error { return s.events.Close() }

// step reads one event of the vendor, and fills ev if it means something.
func (s *stream) step(ev *provider.Event) error {
	if s.finish != "" && s.in.Type == "message_stop" {
		return s.events.End()
	}
	raw, err := s.events.Next()
	switch {
	case errors.Is(err, io.EOF):
		return s.events.Truncated()
	case err != nil:
		return err
	}
	return s.take(ev, raw)
}

func (s *stream) take(ev *provider.Event, raw sse.Event) error {
	switch raw.Name {
	case "ping":
		s.alive(ev)
		return nil
	case "", "message_start", "message_delta", "message_stop", "error",
		"content_block_start", "content_block_delta", "content_block_stop":
	default:
		return nil // a type from the future
	}
	if err := s.events.Read(raw.Data, &s.in); err != nil {
		return err
	}
	if s.in.Type == "error" || s.in.Error != nil {
		return s.events.Fault(s.in.Error.trouble())
	}
	s.translate(ev)
	return nil
}

// alive repeats the usage, if it is known, so that whoever waits for Next sees
// that the vendor is still there while a model thinks unseen.
func (s *stream) alive(ev *provider.Event) {
	if s.usage != (provider.Usage{}) {
		ev.Type, ev.Usage = provider.UsageNow, s.usage
	}
}

func (s *stream) translate(ev *provider.Event) {
	switch s.in.Type {
	case "content_block_delta":
		s.delta(ev)
	case "content_block_start":
		s.startBlock(ev)
	case "content_block_stop":
		s.stopBlock(ev)
	case "message_start":
		if s.in.Message != nil {
			s.in.Message.Usage.mergeInto(&s.usage)
		}
		s.alive(ev)
	case "message_delta":
		if s.in.Delta.StopReason != "" {
			s.finish = finishReason(s.in.Delta.StopReason)
		}
		s.in.Usage.mergeInto(&s.usage)
		s.alive(ev)
	case "message_stop":
		if s.finish == "" {
			s.finish = provider.Stop
		}
		ev.Type, ev.Finish, ev.Usage = provider.Finish, s.finish, s.usage
	case "ping":
		s.alive(ev)
	}
}

func (s *stream) delta(ev *provider.Event) {
	d := &s.in.Delta
	switch d.Type {
	case "text_delta":
		s.emit(ev, provider.TextDelta, d.Text)
	case "thinking_delta":
		s.emit(ev, provider.ReasoningDelta, d.Thinking)
	case "input_json_delta":
		s.emit(ev, provider.ToolDelta, d.PartialJSON)
	case "signature_delta":
		s.signature += d.Signature
	}
}

func (s *stream) startBlock(ev *provider.Event) {
	s.inPart, s.signature = false, ""
	b := s.in.ContentBlock
	if b == nil {
		return
	}
	switch b.Type {
	case "text":
		s.emit(ev, provider.TextDelta, b.Text)
	case "thinking":
		s.emit(ev, provider.ReasoningDelta, b.Thinking)
	case "redacted_thinking":
		s.begin(ev, provider.PartOpaque)
		ev.Opaque = seal{Redacted: b.Data}.opaque()
	case "tool_use":
		s.begin(ev, provider.ToolDelta)
		ev.CallID, ev.Name = b.ID, b.Name
	}
}

// stopBlock ends a block; a thinking block's seal is whole only now.
func (s *stream) stopBlock(ev *provider.Event) {
	if s.signature != "" {
		s.begin(ev, provider.PartOpaque)
		ev.Opaque = seal{Signature: s.signature}.opaque()
	}
	s.inPart, s.signature = false, ""
}

// emit fills ev with a piece of text of the block in hand; an empty one is none.
func (s *stream) emit(ev *provider.Event, as provider.EventType, text string) {
	if text != "" {
		s.begin(ev, as)
		ev.Text = upstream.Text(text)
	}
}

// begin fills ev's type and part. A block becomes a part with its first event.
func (s *stream) begin(ev *provider.Event, as provider.EventType) {
	if !s.inPart {
		s.inPart = true
		s.parts++
	}
	ev.Type, ev.Part = as, s.parts-1
}

func finishReason(stop string) provider.FinishReason {
	switch stop {
	case "max_tokens", "model_context_window_exceeded":
		return provider.Length
	case "tool_use":
		return provider.Tool
	case "refusal":
		return provider.Refusal
	}
	return provider.Stop // end_turn, stop_sequence, pause_turn, what is to come
}
