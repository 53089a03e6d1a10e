package anthropic

import "github.com/aichat-term/aichat/server/provider/upstream/jsonscan"

// event is any event of the stream: each type fills some of the fields.
type event struct {
	Type string `json:"type"`

	Delta delta `json:"delta"`

	ContentBlock *struct {
		Type     string `json:"type"`
		Text     string `json:"text"`
		Thinking string `json:"thinking"`
		Data     string `json:"data"`
		ID       string `json:"id"`
		Name     string `json:"name"`
	} `json:"content_block"`

	Message *struct {
		Usage *usage `json:"usage"`
	} `json:"message"`

	Usage *usage    `json:"usage"`
	Error *apiError `json:"error"`
}

// delta is what a content_block_delta or message_delta adds.
type delta struct {
	Type        string `json:"type"`
	Text        string `json:"text"`
	Thinking    string `json:"thinking"`
	PartialJSON string `json:"partial_json"`
	Signature   string `json:"signature"`
	StopReason  string `json:"stop_reason"`
}

// Reset implements upstream.Shape.
func (e *event) Reset() { *e = event{} }

// Scan implements upstream.Shape: it reads the deltas of blocks. What begins and
// ends blocks and the message is for encoding/json.
func (e *event) Scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "type":
			s.Word(&e.Type, "content_block_delta")
		case "delta":
			e.Delta.scan(s)
		case "content_block", "message", "usage", "error":
			s.Fail()
		default:
			s.Skip()
		}
	}
}

func (d *delta) scan(s *jsonscan.Scanner) {
	for s.Object(); s.Member(); {
		switch string(s.Key()) {
		case "type":
			s.Word(&d.Type, "text_delta", "thinking_delta", "input_json_delta")
		case "text":
			s.String(&d.Text)
		case "thinking":
			s.String(&d.Thinking)
		case "partial_json":
			s.String(&d.PartialJSON)
		case "signature":
			s.String(&d.Signature)
		case "stop_reason":
			s.String(&d.StopReason)
		default:
			s.Skip()
		}
	}
}
