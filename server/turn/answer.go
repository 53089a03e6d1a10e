package turn

import (
	"encoding/hex"
	"encoding/json"

	"github.com/aichat-term/aichat/server/conversation"
)

// Parts is the answer that a log amounts to.
func Parts[T string | []byte](text T, runs []Run) []conversation.Part {
	var parts []conversation.Part
	index := -1 // of the log's part that parts' last one is
	from := int64(0)
	for _, run := range runs {
		piece := string(text[from:run.End])
		from = run.End
		if run.Part != index || len(parts) == 0 {
			index = run.Part
			parts = append(parts, newPart(run))
		}
		last := &parts[len(parts)-1]
		switch run.Kind {
		case RunToolCall:
			last.Arguments += piece
		case RunOpaque:
			sealed, _ := hex.DecodeString(piece) // our own encoding
			last.Opaque, last.OpaqueFrom = append(last.Opaque, sealed...), run.Meta
		case RunText: // after sealed bytes too, which say nothing of the part's type
			last.Type = conversation.Text
			last.Text += piece
		case RunReasoning:
			last.Text += piece
		}
	}
	return parts
}

func newPart(run Run) conversation.Part {
	switch run.Kind {
	case RunToolCall:
		var t tool
		_ = json.Unmarshal([]byte(run.Meta), &t) // our own encoding
		return conversation.Part{Type: conversation.ToolCall, CallID: t.CallID, Name: t.Name}
	case RunReasoning, RunOpaque:
		return conversation.Part{Type: conversation.Reasoning}
	}
	return conversation.Part{Type: conversation.Text}
}

// LogOf is the log that an answer came from: its positions are those that the
// turn had while it ran, so that a client can continue after the end too.
func LogOf(parts []conversation.Part) *Log {
	l := &Log{}
	for i := range parts {
		p := &parts[i]
		switch p.Type {
		case conversation.Text:
			l.Append(RunText, i, "", p.Text)
		case conversation.Reasoning:
			l.Append(RunReasoning, i, "", p.Text)
		case conversation.ToolCall:
			meta, _ := json.Marshal(tool{CallID: p.CallID, Name: p.Name}) // two strings: cannot fail
			l.Append(RunToolCall, i, string(meta), p.Arguments)
		}
		if len(p.Opaque) > 0 {
			l.Append(RunOpaque, i, p.OpaqueFrom, hex.EncodeToString(p.Opaque))
		}
	}
	return l
}
