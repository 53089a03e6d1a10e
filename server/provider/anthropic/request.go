package anthropic

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
)

// defaultMaxTokens is asked for where nobody knows the model's limit: the API
// demands a number, and every model it still offers can write this much.
const defaultMaxTokens = 4096

type request struct {
	Model       string    `json:"model"`
	MaxTokens   int64     `json:"max_tokens"`
	System      string    `json:"system,omitempty"`
	Messages    []message `json:"messages"`
	Temperature *float64  `json:"temperature,omitempty"`
	Stream      bool      `json:"stream"`
}

type message struct {
	Role    provider.Role `json:"role"`
	Content []block       `json:"content"`
}

// block is a content block of a request: a flat struct with a type. Pointers
// are fields that may be empty and must be there all the same.
type block struct {
	Type string `json:"type"`

	Text   string       `json:"text,omitempty"`
	Source *imageSource `json:"source,omitempty"`

	ID    string          `json:"id,omitempty"`
	Name  string          `json:"name,omitempty"`
	Input json.RawMessage `json:"input,omitempty"`

	ToolUseID string `json:"tool_use_id,omitempty"`
	Content   string `json:"content,omitempty"`

	Thinking  *string `json:"thinking,omitempty"`
	Signature string  `json:"signature,omitempty"`
	Data      string  `json:"data,omitempty"`
}

type imageSource struct {
	Type      string `json:"type"`
	MediaType string `json:"media_type"`
	Data      []byte `json:"data"` // base64 in JSON
}

// newRequest maps a request for the endpoint of that provider id.
func newRequest(providerID string, req *provider.Request) *request {
	return &request{
		Model:       req.Model,
		MaxTokens:   cmp.Or(req.MaxTokens, req.OutputLimit, defaultMaxTokens),
		System:      req.System,
		Messages:    messages(providerID, req.Messages),
		Temperature: req.Temperature,
		Stream:      true,
	}
}

// messages maps the history, merging neighbours of one role.
func messages(providerID string, history []provider.Message) []message {
	var out []message
	for _, m := range history {
		content := blocks(providerID, m.Parts)
		last := len(out) - 1
		switch {
		case len(content) == 0:
		case last >= 0 && out[last].Role == m.Role:
			out[last].Content = append(out[last].Content, content...)
		default:
			out = append(out, message{Role: m.Role, Content: content})
		}
	}
	return out
}

func blocks(providerID string, parts []provider.Part) []block {
	var out []block
	for _, p := range parts {
		if b, ok := newBlock(providerID, p); ok {
			out = append(out, b)
		}
	}
	return out
}

// newBlock maps a part; ok is false for one that the API would refuse (blank
// text) or that is not for it.
func newBlock(providerID string, p provider.Part) (b block, ok bool) {
	switch p.Type {
	case provider.Text:
		return block{Type: "text", Text: p.Text}, strings.TrimSpace(p.Text) != ""
	case provider.Image:
		return block{Type: "image", Source: &imageSource{Type: "base64", MediaType: p.MIME, Data: p.Data}}, true
	case provider.ToolCall:
		return block{Type: "tool_use", ID: p.CallID, Name: p.Name, Input: arguments(p.Arguments)}, true
	case provider.ToolResult:
		return block{Type: "tool_result", ToolUseID: p.CallID, Content: p.Text}, true
	case provider.Reasoning:
		return thinkingBlock(providerID, p)
	}
	return block{}, false
}

// arguments is the JSON object of a tool's input; what is none becomes an empty
// one, as the API takes nothing else.
func arguments(s string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &object) != nil || object == nil {
		return json.RawMessage("{}")
	}
	return json.RawMessage(s)
}

// seal is what a thinking block carries for the vendor only, as it stands in a
// part's Opaque.
type seal struct {
	Signature string `json:"signature,omitempty"` // of a thinking block
	Redacted  string `json:"redacted,omitempty"`  // the whole of a redacted one
}

func (s seal) opaque() []byte {
	b, _ := json.Marshal(s) // two strings cannot fail
	return b
}

// thinkingBlock sends thinking back to where it came from, and nowhere else.
func thinkingBlock(providerID string, p provider.Part) (b block, ok bool) {
	var s seal
	if p.OpaqueFrom != providerID || json.Unmarshal(p.Opaque, &s) != nil {
		return block{}, false
	}
	if s.Redacted != "" {
		return block{Type: "redacted_thinking", Data: s.Redacted}, true
	}
	return block{Type: "thinking", Thinking: &p.Text, Signature: s.Signature}, s.Signature != ""
}
