package openai

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// chatStream reads the chunks of Chat Completions.
//
// An answer is whole when a chunk has given its finish_reason and then its end
// comes: [DONE], or what Flavour says of the end of the response. What ends
// without a finish_reason is truncated, whatever follows, as proxies close a
// broken answer with a tidy [DONE]. Usage may come with any chunk, last of all
// in one without choices.
type chatStream struct {
	stream
	wantsDone bool
	chunk     chatChunk // reused

	reason  string // finish_reason, once it is known
	refused bool
	called  bool
	tool    struct { // the call that is being written
		index int
		id    string
	}
}

// isDone reports whether data is the mark of this dialect's end.
func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

func (s *chatStream) readChunk() error {
	ev, err := s.events.Next()
	switch {
	case errors.Is(err, io.EOF) && s.wantsDone:
		return s.events.Truncated()
	case errors.Is(err, io.EOF), err == nil && isDone(ev.Data):
		return s.end()
	case err != nil:
		return err
	}
	if err := s.events.Read(ev.Data, &s.chunk); err != nil {
		return err
	}
	return s.accept(ev.Data)
}

// accept queues what the chunk says. Usage goes first, so that it is known even
// if the chunk is an error.
func (s *chatStream) accept(data []byte) error {
	if s.chunk.Usage != nil {
		s.know(s.chunk.Usage.usage())
	}
	if s.chunk.Error {
		return s.events.Fault(trouble(data))
	}
	if len(s.chunk.Choices) == 0 {
		return s.strange(data)
	}
	for i := range s.chunk.Choices {
		if choice := &s.chunk.Choices[i]; choice.Index == 0 {
			if err := s.choose(choice, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// strange looks at a chunk without choices: the usage, a sign of life, or an
// error in a shape of its own.
func (s *chatStream) strange(data []byte) error {
	if s.chunk.Usage == nil {
		if t := trouble(data); t.Kind != fault.Internal || t.Message != "" {
			return s.events.Fault(t)
		}
	}
	return nil
}

// trouble is explain for what comes in the middle of an answer, where there is
// no status to judge by.
func trouble(data []byte) upstream.Trouble { return explain(200, data) }

func (s *chatStream) choose(c *chatChoice, data []byte) error {
	d := &c.Delta
	if d.ReasoningContent != "" {
		s.delta(provider.ReasoningDelta, 0, d.ReasoningContent)
	} else {
		s.delta(provider.ReasoningDelta, 0, d.Reasoning) // some servers send both, alike
	}
	s.delta(provider.TextDelta, 0, d.Content)
	s.delta(provider.TextDelta, 0, d.Refusal)
	s.refused = s.refused || d.Refusal != ""
	for i := range d.ToolCalls {
		if err := s.call(&d.ToolCalls[i]); err != nil {
			return err
		}
	}
	if c.Error || c.FinishReason == "error" {
		return s.events.Fault(choiceTrouble(data))
	}
	if c.FinishReason != "" {
		s.reason = c.FinishReason
	}
	return nil
}

// call queues a piece of a tool call. A piece belongs to the call before it
// unless it has another index or id; then it must begin a call by naming it.
func (s *chatStream) call(c *toolCall) error {
	args := upstream.Text(string(c.Function.Arguments))
	sameIndex := c.Index == nil || *c.Index == s.tool.index
	sameID := c.ID == "" || c.ID == s.tool.id
	if s.kind == provider.ToolDelta && sameIndex && sameID {
		if args != "" {
			s.push(provider.Event{Type: provider.ToolDelta, Part: s.part, Text: args})
		}
		return nil
	}
	if c.Function.Name == "" {
		return fault.New(fault.ProviderMalformed, "")
	}
	s.called = true
	s.open(provider.ToolDelta, 0)
	s.tool.index, s.tool.id = s.part, c.ID
	if c.Index != nil {
		s.tool.index = *c.Index
	}
	id := c.ID
	if id == "" { // servers that have none still want one with the result
		id = fmt.Sprintf("call_%d", s.part)
	}
	s.push(provider.Event{Type: provider.ToolDelta, Part: s.part, CallID: id, Name: c.Function.Name, Text: args})
	return nil
}

func (s *chatStream) end() error {
	switch s.reason {
	case "":
		return s.events.Truncated()
	case "insufficient_system_resource": // DeepSeek gave up
		return s.events.Fault(upstream.Trouble{Kind: fault.ProviderOverloaded})
	}
	s.finish(s.finishReason())
	return nil
}

// finishReason translates; a word it does not know is a stop. Some servers say
// stop after a tool call, too.
func (s *chatStream) finishReason() provider.FinishReason {
	switch s.reason {
	case "length", "max_tokens":
		return provider.Length
	case "content_filter":
		return provider.Filter
	case "tool_calls", "function_call":
		return provider.Tool
	}
	switch {
	case s.called:
		return provider.Tool
	case s.refused:
		return provider.Refusal
	}
	return provider.Stop
}
