package openai

import (
	"encoding/json"

	"github.com/aichat-term/aichat/server/provider/upstream/jsonscan"
)

// responseEvent holds what the events that matter have, each its own.
type responseEvent struct {
	Delta        string       `json:"delta"`
	OutputIndex  int          `json:"output_index"`
	ContentIndex int          `json:"content_index"`
	SummaryIndex int          `json:"summary_index"`
	Item         *outputItem  `json:"item"`
	Response     *responseEnd `json:"response"`
}

type outputItem struct {
	Type      string          `json:"type"`
	ID        string          `json:"id"`
	CallID    string          `json:"call_id"`
	Name      string          `json:"name"`
	Arguments string          `json:"arguments"`
	Summary   json.RawMessage `json:"summary"`
	Encrypted string          `json:"encrypted_content"`
}

// responseEnd is what the terminal events say of the whole.
type responseEnd struct {
	Usage      *responsesUsage `json:"usage"`
	Error      *wireError      `json:"error"`
	Incomplete *struct {
		Reason string `json:"reason"`
	} `json:"incomplete_details"`
}

// Reset implements upstream.Shape.
func (e *responseEvent) Reset() { *e = responseEvent{} }

// Scan implements upstream.Shape. Items and ends are for encoding/json.
func (e *responseEvent) Scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "delta":
			s.String(&e.Delta)
		case "output_index":
			s.Int(&e.OutputIndex)
		case "content_index":
			s.Int(&e.ContentIndex)
		case "summary_index":
			s.Int(&e.SummaryIndex)
		case "item", "response":
			s.Fail()
		default:
			s.Skip()
		}
	}
}

// responseHead says of what type an event is whose name does not.
type responseHead struct {
	Type  string   `json:"type"`
	Error anything `json:"error"`
}

// Reset implements upstream.Shape.
func (h *responseHead) Reset() { *h = responseHead{} }

// Scan implements upstream.Shape.
func (h *responseHead) Scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "type":
			s.Word(&h.Type, "response.output_text.delta", "response.reasoning_text.delta",
				"response.reasoning_summary_text.delta", "response.function_call_arguments.delta")
		case "error":
			h.Error.scan(s)
		default:
			s.Skip()
		}
	}
}
