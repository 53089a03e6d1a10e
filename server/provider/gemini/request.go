package gemini

import (
	"encoding/json"

	"github.com/aichat-term/aichat/server/provider"
)

type request struct {
	Contents          []content         `json:"contents"`
	SystemInstruction *content          `json:"systemInstruction,omitempty"`
	GenerationConfig  *generationConfig `json:"generationConfig,omitempty"`
}

type content struct {
	Role  string `json:"role,omitempty"`
	Parts []part `json:"parts"`
}

type generationConfig struct {
	MaxOutputTokens int64    `json:"maxOutputTokens,omitempty"`
	Temperature     *float64 `json:"temperature,omitempty"`
}

// part is a part of a content, sent or received: one of its data fields is set.
type part struct {
	Text             string            `json:"text,omitempty"`
	Thought          bool              `json:"thought,omitempty"`
	ThoughtSignature string            `json:"thoughtSignature,omitempty"`
	InlineData       *inlineData       `json:"inlineData,omitempty"`
	FunctionCall     *functionCall     `json:"functionCall,omitempty"`
	FunctionResponse *functionResponse `json:"functionResponse,omitempty"`
}

type inlineData struct {
	MIMEType string `json:"mimeType"`
	Data     []byte `json:"data"` // base64 in JSON
}

type functionCall struct {
	ID   string          `json:"id,omitempty"`
	Name string          `json:"name"`
	Args json.RawMessage `json:"args,omitempty"`
}

type functionResponse struct {
	ID       string         `json:"id,omitempty"`
	Name     string         `json:"name"`
	Response functionResult `json:"response"`
}

type functionResult struct {
	Result string `json:"result"`
}

// newRequest maps a request for the endpoint of that provider id.
func newRequest(providerID string, req *provider.Request) *request {
	out := &request{Contents: contents(providerID, req.Messages)}
	if req.System != "" {
		out.SystemInstruction = &content{Parts: []part{{Text: req.System}}}
	}
	if req.MaxTokens > 0 || req.Temperature != nil {
		out.GenerationConfig = &generationConfig{MaxOutputTokens: req.MaxTokens, Temperature: req.Temperature}
	}
	return out
}

// contents maps the history, merging neighbours of one role.
func contents(providerID string, history []provider.Message) []content {
	names := callNames(history)
	var out []content
	for _, m := range history {
		var parts []part
		for _, p := range m.Parts {
			if mapped, ok := newPart(providerID, names, p); ok {
				parts = append(parts, mapped)
			}
		}
		role, last := roleOf(m.Role), len(out)-1
		switch {
		case len(parts) == 0:
		case last >= 0 && out[last].Role == role:
			out[last].Parts = append(out[last].Parts, parts...)
		default:
			out = append(out, content{Role: role, Parts: parts})
		}
	}
	return out
}

func roleOf(r provider.Role) string {
	if r == provider.Assistant {
		return "model"
	}
	return "user"
}

// callNames maps call ids to the names of their tools, which this API wants
// repeated with a result.
func callNames(history []provider.Message) map[string]string {
	names := map[string]string{}
	for _, m := range history {
		for _, p := range m.Parts {
			if p.Type == provider.ToolCall {
				names[p.CallID] = p.Name
			}
		}
	}
	return names
}

// newPart maps a part; ok is false for an empty one and one that is not for
// this API.
func newPart(providerID string, names map[string]string, p provider.Part) (out part, ok bool) {
	if p.OpaqueFrom == providerID {
		out.ThoughtSignature = string(p.Opaque)
	}
	sealed := out.ThoughtSignature != ""
	switch p.Type {
	case provider.Text:
		out.Text = p.Text
		return out, p.Text != "" || sealed
	case provider.Reasoning:
		out.Text, out.Thought = p.Text, p.Text != ""
		return out, sealed
	case provider.Image:
		out.InlineData = &inlineData{MIMEType: p.MIME, Data: p.Data}
		return out, true
	case provider.ToolCall:
		out.FunctionCall = &functionCall{ID: p.CallID, Name: p.Name, Args: arguments(p.Arguments)}
		return out, true
	case provider.ToolResult:
		name := p.Name
		if name == "" {
			name = names[p.CallID]
		}
		out.FunctionResponse = &functionResponse{ID: p.CallID, Name: name, Response: functionResult{p.Text}}
		return out, true
	}
	return part{}, false
}

// arguments is the JSON object of a call's arguments; what is none is left out.
func arguments(s string) json.RawMessage {
	var object map[string]json.RawMessage
	if json.Unmarshal([]byte(s), &object) != nil || object == nil {
		return nil
	}
	return json.RawMessage(s)
}
