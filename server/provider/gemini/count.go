package gemini

import (
	"context"
	"net/url"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

var _ provider.Counter = (*Provider)(nil)

// countRequest wraps a whole request: bare contents would leave the system prompt
// uncounted.
type countRequest struct {
	Request namedRequest `json:"generateContentRequest"`
}

// namedRequest is a request that names its model, as it must within another.
type namedRequest struct {
	Model             string    `json:"model"`
	Contents          []content `json:"contents"`
	SystemInstruction *content  `json:"systemInstruction,omitempty"`
}

type countReply struct {
	TotalTokens upstream.Count `json:"totalTokens"`
}

// Count implements provider.Counter by models.countTokens
// (https://ai.google.dev/api/tokens), which is free.
func (p *Provider) Count(ctx context.Context, of provider.Endpoint, req *provider.Request) (int64, error) {
	whole := newRequest(of.Provider, req)
	asked := countRequest{namedRequest{Model: "models/" + req.Model, Contents: whole.Contents, SystemInstruction: whole.SystemInstruction}}
	var reply countReply
	if err := p.calls.Post(ctx, of, base(of)+root+"/"+url.PathEscape(req.Model)+":countTokens", header(of), asked, &reply); err != nil {
		return 0, err
	}
	if reply.TotalTokens <= 0 {
		return 0, fault.New(fault.ProviderMalformed, "%s did not say how many tokens the prompt has.", of.Provider)
	}
	return int64(reply.TotalTokens), nil
}
