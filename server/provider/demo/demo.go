package demo

import (
	"context"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

// Name is the model's name; its id is demo/demo.
const Name = "demo"

// Pace is a delay between deltas that reads like a model: about 65 words a
// second.
const Pace = 15 * time.Millisecond

// Options is what New may be told. The zero Options is a demo without delays.
type Options struct {
	// Delay is the time between two deltas; the first comes at once.
	Delay time.Duration

	// Wait waits for the delay or the context's end, whose error it returns.
	// Nil means the real clock.
	Wait func(ctx context.Context, delay time.Duration) error
}

// Provider speaks provider.Demo. It is safe for concurrent use.
type Provider struct{ options Options }

var _ provider.Provider = (*Provider)(nil)

// New returns the demo provider.
func New(options Options) *Provider {
	if options.Wait == nil {
		options.Wait = wait
	}
	return &Provider{options}
}

func wait(ctx context.Context, delay time.Duration) error {
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Stream begins the one answer that there is. The endpoint does not matter; a
// model of another name is ModelUnknown.
//
// MaxTokens cuts the answer between two words and ends it with
// provider.Length. Usage is provider's own estimate of the prompt and the text.
func (p *Provider) Stream(ctx context.Context, _ provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.Of(err)
	}
	if req.Model != Name {
		return nil, fault.New(fault.ModelUnknown, "The demo provider has one model, %s/%s.", provider.Demo, Name)
	}
	words, cut := limit(pieces(page(lastPrompt(req))), req.MaxTokens)
	s := &stream{
		options: p.options,
		pieces:  words,
		finish:  provider.Stop,
		usage: provider.Usage{
			Input:  provider.EstimatePrompt(req),
			Output: provider.EstimateTokens(strings.Join(words, "")),
		},
	}
	if cut {
		s.finish = provider.Length
	}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s, nil
}

// Models lists the one model.
func (p *Provider) Models(ctx context.Context, of provider.Endpoint) ([]provider.Model, error) {
	if err := ctx.Err(); err != nil {
		return nil, fault.Of(err)
	}
	return []provider.Model{{Provider: of.Provider, Name: Name}}, nil
}
