package httpapi

import (
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/turn"
)

func conversationOut(c *conversation.Conversation) wire.Conversation {
	return wire.Conversation{
		ID:          string(c.ID),
		Title:       c.Title,
		TitleByUser: c.TitleByUser,
		Model:       c.Model,
		System:      c.System,
		Origin:      string(c.Origin),
		Listed:      c.Listed,
		Leaf:        string(c.Leaf),
		ForkOf:      string(c.ForkOf),
		ForkAt:      string(c.ForkAt),
		Running:     string(c.Running),
		CreatedAt:   c.CreatedAt.UTC(),
		UpdatedAt:   c.UpdatedAt.UTC(),
		Rev:         c.Rev,
	}
}

func messageOut(m *conversation.Message) wire.Message {
	return wire.Message{
		ID:           string(m.ID),
		Conversation: string(m.Conversation),
		Parent:       string(m.Parent),
		Role:         string(m.Role),
		Parts:        partsOut(m.Parts),
		State:        string(m.State),
		Model:        m.Model,
		Finish:       m.Finish,
		ErrorCode:    wire.Code(m.ErrorCode),
		ErrorText:    m.ErrorText,
		Usage:        usageOut(m),
		CreatedAt:    m.CreatedAt.UTC(),
		FinishedAt:   timeOut(m.FinishedAt),
		Rev:          m.Rev,
	}
}

// partsOut leaves out what is sealed for a provider.
func partsOut(parts []conversation.Part) []wire.Part {
	out := make([]wire.Part, len(parts))
	for i := range parts {
		p := &parts[i]
		out[i] = wire.Part{
			Type: string(p.Type), Text: p.Text,
			FileID: p.FileID, Name: p.Name, MIME: p.MIME, Size: p.Size,
			CallID: p.CallID, Arguments: p.Arguments,
		}
	}
	return out
}

func partsIn(parts []wire.Part) []conversation.Part {
	in := make([]conversation.Part, len(parts))
	for i := range parts {
		p := &parts[i]
		in[i] = conversation.Part{
			Type: conversation.PartType(p.Type), Text: p.Text,
			FileID: p.FileID, Name: p.Name, MIME: p.MIME, Size: p.Size,
			CallID: p.CallID, Arguments: p.Arguments,
		}
	}
	return in
}

// usageOut is absent for a message that no provider was asked for.
func usageOut(m *conversation.Message) *wire.Usage {
	u := m.Usage
	if m.Role != conversation.Assistant || u == (conversation.Usage{}) {
		return nil
	}
	out := &wire.Usage{
		Input: u.Input, CachedRead: u.CachedRead, CachedWrite: u.CachedWrite,
		Output: u.Output, Reasoning: u.Reasoning, Estimated: u.Estimated,
	}
	if u.PriceKnown {
		out.CostMicroUSD = &u.CostMicroUSD
	}
	return out
}

func timeOut(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC().Truncate(time.Microsecond) // as it is stored
	return &t
}

func turnOut(s turn.Status) wire.Turn {
	return wire.Turn{
		ID:           string(s.ID),
		Conversation: string(s.Conversation),
		Question:     string(s.Question),
		Model:        s.Model,
		State:        string(s.State),
		StartedAt:    s.StartedAt.UTC(),
		Position:     s.Position,
	}
}

// endOut leaves the answer's parts out: they have been told.
func endOut(e *turn.End) wire.End {
	m := messageOut(&e.Answer)
	m.Parts = []wire.Part{}
	return wire.End{Message: m, Title: e.Title, RetryAfter: seconds(e.RetryAfter)}
}
