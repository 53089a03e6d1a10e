package anthropic

import (
	"context"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

var _ provider.Counter = (*Provider)(nil)

// countRequest is a request without what only concerns the answer, which the
// endpoint refuses.
type countRequest struct {
	Model    string    `json:"model"`
	System   string    `json:"system,omitempty"`
	Messages []message `json:"messages"`
}

type countReply struct {
	InputTokens upstream.Count `json:"input_tokens"`
}

// Count implements provider.Counter by POST /v1/messages/count_tokens
// (https://platform.claude.com/docs/en/api/messages/count_tokens), which is free
// and has rate limits of its own.
func (p *Provider) Count(ctx context.Context, of provider.Endpoint, req *provider.Request) (int64, error) {
	asked := countRequest{Model: req.Model, System: req.System, Messages: messages(of.Provider, req.Messages)}
	var reply countReply
	if err := p.calls.Post(ctx, of, base(of)+"/v1/messages/count_tokens", header(of), asked, &reply); err != nil {
		return 0, err
	}
	if reply.InputTokens <= 0 {
		return 0, fault.New(fault.ProviderMalformed, "%s did not say how many tokens the prompt has.", of.Provider)
	}
	return int64(reply.InputTokens), nil
}
