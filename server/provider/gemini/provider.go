package gemini

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

const (
	defaultBase = "https://generativelanguage.googleapis.com"
	root        = "/v1beta/models"
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
		KeyVariables: map[string]string{"gemini": "GEMINI_API_KEY"},
	})}
}

// Stream implements provider.Provider.
func (p *Provider) Stream(ctx context.Context, to provider.Endpoint, req *provider.Request) (provider.Stream, error) {
	at := base(to) + root + "/" + url.PathEscape(req.Model) + ":streamGenerateContent?alt=sse"
	events, err := p.calls.Stream(ctx, to, at, header(to), newRequest(to.Provider, req))
	if err != nil {
		return nil, err
	}
	return &stream{events: events}, nil
}

// maxPages bounds the list of models, at a thousand a page.
const maxPages = 20

// Models implements provider.Provider. Models that answer no prompts (those for
// embeddings, video and the like) are left out.
func (p *Provider) Models(ctx context.Context, of provider.Endpoint) ([]provider.Model, error) {
	var models []provider.Model
	query := url.Values{"pageSize": {"1000"}}
	for range maxPages {
		var page modelsPage
		if err := p.calls.Get(ctx, of, base(of)+root+"?"+query.Encode(), header(of), &page); err != nil {
			return nil, err
		}
		for _, m := range page.Models {
			if slices.Contains(m.Methods, "generateContent") {
				models = append(models, m.model(of.Provider))
			}
		}
		if page.NextPageToken == "" {
			break
		}
		query.Set("pageToken", page.NextPageToken)
	}
	return models, nil
}

type modelsPage struct {
	Models        []modelInfo `json:"models"`
	NextPageToken string      `json:"nextPageToken"`
}

type modelInfo struct {
	Name             string         `json:"name"`
	DisplayName      string         `json:"displayName"`
	InputTokenLimit  upstream.Count `json:"inputTokenLimit"`
	OutputTokenLimit upstream.Count `json:"outputTokenLimit"`
	Methods          []string       `json:"supportedGenerationMethods"`
	Thinking         bool           `json:"thinking"`
}

func (m modelInfo) model(providerID string) provider.Model {
	return provider.Model{
		Provider: providerID, Name: strings.TrimPrefix(m.Name, "models/"), Title: m.DisplayName,
		Context: int64(m.InputTokenLimit), Output: int64(m.OutputTokenLimit), Reasoning: m.Thinking,
	}
}

func base(to provider.Endpoint) string { return cmp.Or(to.BaseURL, defaultBase) }

func header(to provider.Endpoint) http.Header {
	h := http.Header{}
	if !to.Key.Empty() {
		h.Set("X-Goog-Api-Key", to.Key.Reveal())
	}
	return h
}
