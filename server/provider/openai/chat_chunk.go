package openai

import (
	"bytes"

	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// chatChunk is one event of Chat Completions.
type chatChunk struct {
	Choices []chatChoice `json:"choices"`
	Usage   *chatUsage   `json:"usage"`
	Error   anything     `json:"error"`
}

type chatChoice struct {
	Index        int       `json:"index"`
	Delta        chatDelta `json:"delta"`
	FinishReason string    `json:"finish_reason"`
	Error        anything  `json:"error"` // OpenRouter
}

type chatDelta struct {
	Content          string     `json:"content"`
	Refusal          string     `json:"refusal"`
	ReasoningContent string     `json:"reasoning_content"` // DeepSeek, llama.cpp, vLLM
	Reasoning        string     `json:"reasoning"`         // OpenRouter, Ollama, newer vLLM
	ToolCalls        []toolCall `json:"tool_calls"`
}

type toolCall struct {
	Index    *int           `json:"index"`
	ID       string         `json:"id"`
	Function calledFunction `json:"function"`
}

type calledFunction struct {
	Name      string `json:"name"`
	Arguments loose  `json:"arguments"` // an object at some servers
}

// Reset implements upstream.Shape; it keeps the choices' memory.
func (c *chatChunk) Reset() {
	choices := c.Choices
	clear(choices)
	if cap(choices) > 4 { // there is one, for one is all we ask for
		choices = nil
	}
	*c = chatChunk{Choices: choices[:0]}
}

// Scan implements upstream.Shape.
func (c *chatChunk) Scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "choices":
			c.scanChoices(s)
		case "usage":
			c.scanUsage(s)
		case "error":
			c.Error.scan(s)
		default:
			s.Skip()
		}
	}
}

func (c *chatChunk) scanChoices(s *jsonscan.Scanner) {
	if len(c.Choices) > 0 {
		s.Fail() // they are there twice
	}
	for s.Array(); s.Element(); {
		c.Choices = append(c.Choices, chatChoice{})
		c.Choices[len(c.Choices)-1].scan(s)
	}
}

func (c *chatChunk) scanUsage(s *jsonscan.Scanner) {
	switch {
	case s.Null():
		c.Usage = nil
		return
	case c.Usage == nil:
		c.Usage = new(chatUsage)
	}
	c.Usage.scan(s)
}

func (c *chatChoice) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "index":
			s.Int(&c.Index)
		case "delta":
			c.Delta.scan(s)
		case "finish_reason":
			s.String(&c.FinishReason)
		case "error":
			c.Error.scan(s)
		default:
			s.Skip()
		}
	}
}

func (d *chatDelta) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "content":
			s.String(&d.Content)
		case "refusal":
			s.String(&d.Refusal)
		case "reasoning_content":
			s.String(&d.ReasoningContent)
		case "reasoning":
			s.String(&d.Reasoning)
		case "tool_calls":
			d.scanCalls(s)
		default:
			s.Skip()
		}
	}
}

func (d *chatDelta) scanCalls(s *jsonscan.Scanner) {
	if len(d.ToolCalls) > 0 {
		s.Fail() // they are there twice
	}
	for s.Array(); s.Element(); {
		d.ToolCalls = append(d.ToolCalls, toolCall{})
		d.ToolCalls[len(d.ToolCalls)-1].scan(s)
	}
}

func (c *toolCall) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "index":
			c.scanIndex(s)
		case "id":
			s.String(&c.ID)
		case "function":
			c.Function.scan(s)
		default:
			s.Skip()
		}
	}
}

func (c *toolCall) scanIndex(s *jsonscan.Scanner) {
	c.Index = nil
	if !s.Null() {
		c.Index = new(int)
		s.Int(c.Index)
	}
}

func (f *calledFunction) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "name":
			s.String(&f.Name)
		case "arguments":
			s.String((*string)(&f.Arguments))
		default:
			s.Skip()
		}
	}
}

// anything records that a value other than null was there.
type anything bool

// UnmarshalJSON implements json.Unmarshaler; it does not fail.
func (a *anything) UnmarshalJSON(b []byte) error {
	*a = anything(!bytes.Equal(b, []byte("null")))
	return nil
}

func (a *anything) scan(s *jsonscan.Scanner) {
	*a = anything(!s.Null())
	if *a {
		s.Skip()
	}
}
