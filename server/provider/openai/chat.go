package openai

import (
	"context"

	"github.com/aichat-term/aichat/server/provider"
)

// Chat speaks Chat Completions. It is safe for concurrent use.
type Chat struct {
	caller
	flavour Flavour
}

var _ provider.Provider = (*Chat)(nil)

// NewChat returns a Chat.
func NewChat(o Options) *Chat { return &Chat{caller: newCaller(o), flavour: o.Flavour} }

// Stream implements provider.Provider.
func (c *Chat) Stream(ctx context.Context, to provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	own := c.flavour.own(to)
	events, err := c.stream(ctx, to, "/chat/completions", chatBody(req, own))
	if err != nil {
		return nil, err
	}
	s := &chatStream{wantsDone: own}
	s.begin(events, s.readChunk)
	return s, nil
}
