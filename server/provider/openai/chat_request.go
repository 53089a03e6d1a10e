package openai

import (
	"encoding/base64"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
)

type chatRequest struct {
	Model               string         `json:"model"`
	Messages            []*chatMessage `json:"messages"`
	Stream              bool           `json:"stream"`
	StreamOptions       streamOptions  `json:"stream_options"`
	MaxTokens           int64          `json:"max_tokens,omitempty"`
	MaxCompletionTokens int64          `json:"max_completion_tokens,omitempty"`
	Temperature         *float64       `json:"temperature,omitempty"`
}

type streamOptions struct {
	IncludeUsage bool `json:"include_usage"`
}

// chatMessage is one message. Content is a string, or content parts where there
// is an image: many compatible servers take nothing but a string.
type chatMessage struct {
	Role       string     `json:"role"`
	Content    any        `json:"content,omitempty"`
	ToolCalls  []chatCall `json:"tool_calls,omitempty"`
	ToolCallID string     `json:"tool_call_id,omitempty"`

	parts []contentPart
}

type contentPart struct {
	Type     string    `json:"type"`
	Text     string    `json:"text,omitempty"`
	ImageURL *imageURL `json:"image_url,omitempty"`
}

type imageURL struct {
	URL string `json:"url"`
}

type chatCall struct {
	ID       string       `json:"id"`
	Type     string       `json:"type"`
	Function functionCall `json:"function"`
}

type functionCall struct {
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

func chatBody(req *provider.Request, own bool) *chatRequest {
	r := &chatRequest{
		Model:         req.Model,
		Messages:      chatMessages(req),
		Stream:        true,
		StreamOptions: streamOptions{IncludeUsage: true},
		Temperature:   req.Temperature,
	}
	if own {
		r.MaxCompletionTokens = req.MaxTokens
	} else {
		r.MaxTokens = req.MaxTokens
	}
	return r
}

// chatMessages writes the history. Messages of one role in a row become one, as
// the templates of many local models want roles to alternate; results of tools
// become messages of their own. Reasoning is not sent: the dialect has no place
// for it. A message that holds nothing is left out.
func chatMessages(req *provider.Request) []*chatMessage {
	h := &chatHistory{}
	if req.System != "" {
		h.messages = append(h.messages, &chatMessage{Role: "system", parts: []contentPart{{Type: "text", Text: req.System}}})
	}
	for i := range req.Messages {
		for j := range req.Messages[i].Parts {
			h.add(string(req.Messages[i].Role), &req.Messages[i].Parts[j])
		}
	}
	for _, m := range h.messages {
		m.Content = content(m.parts)
	}
	return h.messages
}

type chatHistory struct{ messages []*chatMessage }

func (h *chatHistory) add(role string, p *provider.Part) {
	switch p.Type {
	case provider.Text:
		if p.Text != "" {
			m := h.last(role)
			m.parts = append(m.parts, contentPart{Type: "text", Text: p.Text})
		}
	case provider.Image:
		m := h.last(role)
		m.parts = append(m.parts, contentPart{Type: "image_url", ImageURL: &imageURL{dataURL(p)}})
	case provider.ToolCall:
		m := h.last(role)
		m.ToolCalls = append(m.ToolCalls, chatCall{ID: p.CallID, Type: "function", Function: functionCall{p.Name, arguments(p)}})
	case provider.ToolResult:
		h.messages = append(h.messages, &chatMessage{
			Role: "tool", ToolCallID: p.CallID, parts: []contentPart{{Type: "text", Text: p.Text}},
		})
	}
}

// last is the last message if it is of that role, else a new one.
func (h *chatHistory) last(role string) *chatMessage {
	if n := len(h.messages); n > 0 && h.messages[n-1].Role == role {
		return h.messages[n-1]
	}
	m := &chatMessage{Role: role}
	h.messages = append(h.messages, m)
	return m
}

// content is a string unless there is an image; texts are set apart by a blank
// line. A message of tool calls only has none.
func content(parts []contentPart) any {
	if len(parts) == 0 {
		return nil
	}
	texts := make([]string, len(parts))
	for i, p := range parts {
		if p.Type != "text" {
			return parts
		}
		texts[i] = p.Text
	}
	return strings.Join(texts, "\n\n")
}

func dataURL(p *provider.Part) string {
	return "data:" + p.MIME + ";base64," + base64.StdEncoding.EncodeToString(p.Data)
}

// arguments is a call's arguments; the dialects want an object even where a
// tool takes none.
func arguments(p *provider.Part) string {
	if p.Arguments == "" {
		return "{}"
	}
	return p.Arguments
}
