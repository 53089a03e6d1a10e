package turn

import (
	"cmp"
	"fmt"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// compose makes the provider's request out of a branch, trimmed to the model's
// window by the rule of fit.
func compose(req Request, conv conversation.Conversation, branch []conversation.Message, m provider.Model, ratio provider.Ratio) (*provider.Request, *Notice, error) {
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
	notice, err := fit(r, m, ratio)
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
// The room for the answer is max_tokens, or a quarter of the window where that
// is less than the model's output limit. The stored messages stay as they are.
//
// The limits that go out are what the window then leaves: vendors refuse a
// prompt and an answer that together could outgrow it.
func fit(r *provider.Request, m provider.Model, ratio provider.Ratio) (*Notice, error) {
	if m.Context <= 0 {
		return nil, nil
	}
	room := r.MaxTokens
	if room == 0 {
		room = m.Context / 4
		if m.Output > 0 {
			room = min(room, m.Output)
		}
	}
	guess, left := provider.EstimatePrompt(r), 0
	leave := func() {
		guess -= provider.EstimateMessage(r.Messages[left])
		left++
	}
	for left < len(r.Messages)-1 && ratio.Of(guess)+room > m.Context {
		leave()
	}
	for left > 0 && left < len(r.Messages)-1 && r.Messages[left].Role != provider.User {
		leave()
	}
	size := ratio.Of(guess)
	if size+min(room, leastAnswer) > m.Context || size >= m.Context {
		return nil, fault.New(fault.ContextTooLong,
			"The question is about %d tokens long, and %s reads %d: shorten it, or choose a model with a larger window.", size, m.ID(), m.Context)
	}
	r.MaxTokens, r.OutputLimit = min(r.MaxTokens, m.Context-size), min(r.OutputLimit, m.Context-size)
	if left == 0 {
		return nil, nil
	}
	r.Messages = r.Messages[left:]
	return &Notice{Code: "trimmed", Text: fmt.Sprintf(
		"The oldest %s left out of what the model sees, to fit its window of %d tokens.", were(left), m.Context)}, nil
}

func were(n int) string {
	if n == 1 {
		return "message was"
	}
	return fmt.Sprintf("%d messages were", n)
}
