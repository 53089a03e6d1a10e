package anthropic

import (
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

const (
	defaultBase = "https://api.anthropic.com"
	apiVersion  = "2023-06-01"
)

// Provider implements provider.Provider.
type Provider struct{ calls *upstream.Client }

var _ provider.Provider = (*Provider)(nil)

// New returns a Provider that calls through client, and guarded endpoints through
// guarded; nil means one of its own that is tuned for streams. See
// upstream.Options.
func New(client, guarded *http.Client) *Provider {
	return &Provider{calls: upstream.New(upstream.Options{
		HTTP:         client,
		Guarded:      guarded,
		Explain:      explain,
		KeyVariables: map[string]string{"anthropic": "ANTHROPIC_API_KEY"},
	})}
}

// Stream implements provider.Provider.
func (p *Provider) Stream(ctx context.Context, to provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	events, err := p.calls.Stream(ctx, to, base(to)+"/v1/messages", header(to), newRequest(to.Provider, req))
	if err != nil {
		return nil, err
	}
	return &stream{events: events}, nil
}

// maxPages bounds the list of models, at a thousand a page.
const maxPages = 20

// Models implements provider.Provider.
func (p *Provider) Models(ctx context.Context, of provider.Endpoint) ([]provider.Model, error) {
	var models []provider.Model
	query := url.Values{"limit": {"1000"}}
	for range maxPages {
		var page modelsPage
		if err := p.calls.Get(ctx, of, base(of)+"/v1/models?"+query.Encode(), header(of), &page); err != nil {
			return nil, err
		}
		for _, m := range page.Data {
			models = append(models, m.model(of.Provider))
		}
		if !page.HasMore || page.LastID == "" {
			break
		}
		query.Set("after_id", page.LastID)
	}
	return models, nil
}

type modelsPage struct {
	Data    []modelInfo `json:"data"`
	HasMore bool        `json:"has_more"`
	LastID  string      `json:"last_id"`
}

type modelInfo struct {
	ID             string         `json:"id"`
	DisplayName    string         `json:"display_name"`
	MaxInputTokens upstream.Count `json:"max_input_tokens"`
	MaxTokens      upstream.Count `json:"max_tokens"`
	Capabilities   struct {
		ImageInput supported `json:"image_input"`
		Thinking   supported `json:"thinking"`
	} `json:"capabilities"`
}

type supported struct {
	Supported bool `json:"supported"`
}

func (m modelInfo) model(providerID string) provider.Model {
	return provider.Model{
		Provider: providerID, Name: m.ID, Title: m.DisplayName,
		Context: int64(m.MaxInputTokens), Output: int64(m.MaxTokens),
		Images: m.Capabilities.ImageInput.Supported, Reasoning: m.Capabilities.Thinking.Supported,
	}
}

func base(to provider.Endpoint) string { return cmp.Or(to.BaseURL, defaultBase) }

func header(to provider.Endpoint) http.Header {
	h := http.Header{"Anthropic-Version": {apiVersion}}
	if !to.Key.Empty() {
		h.Set("X-Api-Key", to.Key.Reveal())
	}
	return h
}
