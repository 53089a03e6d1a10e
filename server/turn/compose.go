package turn

import (
	"cmp"
	"context"
	"fmt"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// compose makes the provider's request out of a branch, trimmed to the model's
// window by the rule of fit.
func compose(ctx context.Context, req Request, conv conversation.Conversation, branch []conversation.Message, m provider.Model, g *gauge) (*provider.Request, *Notice, error) {
	r := &provider.Request{Model: m.Name, System: conv.System, OutputLimit: m.Output}
	if req.System != nil {
		r.System = *req.System
	}
	if req.MaxTokens != nil {
		r.MaxTokens = *req.MaxTokens
		if most := cmp.Or(m.Output, m.Context); most > 0 && r.MaxTokens > most {
			return nil, nil, &fault.Error{Kind: fault.Invalid, Subject: "max_tokens",
				Message: fmt.Sprintf("%s answers with at most %d tokens.", m.ID(), most)}
		}
	}
	if !m.NoTemperature {
		r.Temperature = req.Temperature
	}
	for i := range branch {
		if message := toProvider(&branch[i]); len(message.Parts) > 0 {
			r.Messages = append(r.Messages, message)
		}
	}
	notice, err := fit(ctx, r, m, g)
	return r, notice, err
}

// toProvider is a stored message as providers see it. Parts that are only
// references are left out.
func toProvider(m *conversation.Message) provider.Message {
	out := provider.Message{Role: provider.Role(m.Role)}
	for i := range m.Parts {
		p := &m.Parts[i]
		part := provider.Part{Text: p.Text, CallID: p.CallID, Name: p.Name, Arguments: p.Arguments,
			Opaque: p.Opaque, OpaqueFrom: p.OpaqueFrom}
		switch p.Type {
		case conversation.Text:
			part.Type = provider.Text
		case conversation.Reasoning:
			part.Type = provider.Reasoning
		case conversation.ToolCall:
			part.Type = provider.ToolCall
		case conversation.ToolResult:
			part.Type = provider.ToolResult
		default:
			continue
		}
		if part.Type == provider.Text && part.Text == "" {
			continue
		}
		out.Parts = append(out.Parts, part)
	}
	return out
}

// leastAnswer is the room, in tokens, that a prompt must leave for an answer.
const leastAnswer = 256

// fit makes the request fit the model's window, by a rule that is shown to the
// user: the oldest messages are left out, whole, until the estimated prompt and
// the room for the answer fit; what is left begins with a question. The system
// prompt and the newest question always stay: if those alone are too long, it
// is a ContextTooLong fault, and no provider is called.
//
// Sizes are guessed. Only where something would be left out or refused by the guess
// is the prompt counted first, and then the count holds.
//
// The room for the answer is max_tokens, or a quarter of the window where that
// is less than the model's output limit. The stored messages stay as they are.
//
// The limits that go out are what the window then leaves: vendors refuse a
// prompt and an answer that together could outgrow it.
func fit(ctx context.Context, r *provider.Request, m provider.Model, g *gauge) (*Notice, error) {
	if m.Context <= 0 {
		return nil, nil
	}
	room, size := roomFor(r, m), g.size(r)
	if size+room > m.Context && room < m.Context {
		size = g.count(ctx, r)
	}
	left := 0
	if size+room > m.Context {
		left = leaveOut(r, m.Context-room, g)
		size = g.size(r)
	}
	tooLong := func() bool { return size+min(room, leastAnswer) > m.Context || size >= m.Context }
	if tooLong() {
		size = g.count(ctx, r)
	}
	if tooLong() {
		return nil, fault.New(fault.ContextTooLong,
			"The question is about %d tokens long, and %s reads %d: shorten it, or choose a model with a larger window.", size, m.ID(), m.Context)
	}
	r.MaxTokens, r.OutputLimit = min(r.MaxTokens, m.Context-size), min(r.OutputLimit, m.Context-size)
	if left == 0 {
		return nil, nil
	}
	return &Notice{Code: "trimmed", Text: fmt.Sprintf(
		"The oldest %s left out of what the model sees, to fit its window of %d tokens.", were(left), m.Context)}, nil
}

// roomFor is the room in the window that is kept for the answer.
func roomFor(r *provider.Request, m provider.Model) int64 {
	switch {
	case r.MaxTokens > 0:
		return r.MaxTokens
	case m.Output > 0:
		return min(m.Context/4, m.Output)
	}
	return m.Context / 4
}

// leaveOut leaves the oldest messages out until the prompt is at most so long, and
// says how many. What stays is guessed anew, at no less than the count of the whole
// says: the part that stays may be the one that the guess had too low.
func leaveOut(r *provider.Request, most int64, g *gauge) (left int) {
	guess := provider.EstimatePrompt(r)
	if g.counted > 0 && guess > 0 {
		g.ratio = max(g.ratio, 1000, provider.Ratio(g.counted*1000/guess))
	}
	leave := func() {
		guess -= provider.EstimateMessage(r.Messages[left])
		left++
	}
	for left < len(r.Messages)-1 && g.ratio.Of(guess) > most {
		leave()
	}
	for left > 0 && left < len(r.Messages)-1 && r.Messages[left].Role != provider.User {
		leave()
	}
	if left > 0 {
		r.Messages, g.counted = r.Messages[left:], 0
	}
	return left
}

func were(n int) string {
	if n == 1 {
		return "message was"
	}
	return fmt.Sprintf("%d messages were", n)
}
