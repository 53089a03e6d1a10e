package openai

import (
	"encoding/json"

	"github.com/aichat-term/aichat/server/provider"
)

type responsesRequest struct {
	Model           string   `json:"model"`
	Instructions    string   `json:"instructions,omitempty"`
	Input           []any    `json:"input"`
	Stream          bool     `json:"stream"`
	Store           bool     `json:"store"`
	Include         []string `json:"include,omitempty"`
	MaxOutputTokens int64    `json:"max_output_tokens,omitempty"`
	Temperature     *float64 `json:"temperature,omitempty"`
}

type inputMessage struct {
	Role    string         `json:"role"`
	Content []inputContent `json:"content"`
}

type inputContent struct {
	Type     string `json:"type"`
	Text     string `json:"text,omitempty"`
	ImageURL string `json:"image_url,omitempty"`
}

type inputCall struct {
	Type      string `json:"type"` // function_call
	CallID    string `json:"call_id"`
	Name      string `json:"name"`
	Arguments string `json:"arguments"`
}

type inputResult struct {
	Type   string `json:"type"` // function_call_output
	CallID string `json:"call_id"`
	Output string `json:"output"`
}

// reasoningItem is a model's reasoning as it comes and goes back.
type reasoningItem struct {
	Type      string          `json:"type"` // reasoning
	ID        string          `json:"id,omitempty"`
	Summary   json.RawMessage `json:"summary"`
	Encrypted string          `json:"encrypted_content"`
}

// minOutputTokens is the least limit that the API accepts.
const minOutputTokens = 16

// encryptedReasoning is what models that reason are asked to add.
var encryptedReasoning = []string{"reasoning.encrypted_content"}

func responsesBody(to provider.Endpoint, req *provider.Request, reasons bool) *responsesRequest {
	r := &responsesRequest{
		Model:        req.Model,
		Instructions: req.System,
		Input:        input(to, req.Messages),
		Stream:       true,
		Temperature:  req.Temperature,
	}
	if req.MaxTokens > 0 {
		r.MaxOutputTokens = max(req.MaxTokens, minOutputTokens)
	}
	if reasons {
		r.Include = encryptedReasoning
	}
	return r
}

// input writes the history as items. Each message's contents in a row become
// one item; calls, their results and reasoning are items of their own.
func input(to provider.Endpoint, messages []provider.Message) []any {
	items := make([]any, 0, len(messages))
	for i := range messages {
		m := &messages[i]
		var open *inputMessage
		for j := range m.Parts {
			p := &m.Parts[j]
			if c, ok := contentOf(m.Role, p); ok {
				if open == nil {
					open = &inputMessage{Role: string(m.Role)}
					items = append(items, open)
				}
				open.Content = append(open.Content, c)
			} else if item := itemOf(to, m.Parts[j:]); item != nil {
				items = append(items, item)
				open = nil
			}
		}
	}
	return items
}

func contentOf(role provider.Role, p *provider.Part) (c inputContent, ok bool) {
	switch {
	case p.Type == provider.Text && p.Text != "" && role == provider.Assistant:
		return inputContent{Type: "output_text", Text: p.Text}, true
	case p.Type == provider.Text && p.Text != "":
		return inputContent{Type: "input_text", Text: p.Text}, true
	case p.Type == provider.Image && role == provider.User:
		return inputContent{Type: "input_image", ImageURL: dataURL(p)}, true
	}
	return c, false
}

// itemOf is the item of the first of the parts; nil for what is not sent.
func itemOf(to provider.Endpoint, parts []provider.Part) any {
	p := &parts[0]
	switch p.Type {
	case provider.ToolCall:
		return inputCall{"function_call", p.CallID, p.Name, arguments(p)}
	case provider.ToolResult:
		return inputResult{"function_call_output", p.CallID, p.Text}
	case provider.Reasoning:
		return reasoningOf(to, parts)
	}
	return nil
}

// reasoningOf is the sealed reasoning of this same provider. The API refuses
// one that nothing follows, as in an answer that was cut off while the model
// was thinking.
func reasoningOf(to provider.Endpoint, parts []provider.Part) any {
	p := &parts[0]
	if len(p.Opaque) == 0 || p.OpaqueFrom != to.Provider || !followed(parts[1:]) {
		return nil
	}
	var item reasoningItem
	if json.Unmarshal(p.Opaque, &item) != nil || item.Type != "reasoning" || item.Encrypted == "" {
		return nil // another dialect's, from before the endpoint changed
	}
	return json.RawMessage(p.Opaque)
}

func followed(rest []provider.Part) bool {
	for i := range rest {
		if rest[i].Type == provider.ToolCall || rest[i].Type == provider.Text && rest[i].Text != "" {
			return true
		}
	}
	return false
}
