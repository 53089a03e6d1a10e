package server

import (
	"context"
	"log/slog"
	"net/http"

	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/store"
)

// providers is what answers come from: the vendors, the keys for them, and which
// models there are.
type providers struct {
	plain   http.RoundTripper
	guarded http.RoundTripper // where the operator has not written the address
	reach   *provider.Reach

	vendors   map[provider.API]provider.Provider
	keys      *keys
	directory *provider.Directory
	models    *models
}

// openProviders puts them together; lenient is openKeys'.
func openProviders(ctx context.Context, c *Config, db *store.DB, o Options, log *slog.Logger, lenient bool) (*providers, error) {
	p, err := newProviders(c, o)
	if err != nil {
		return nil, err
	}
	if p.keys, err = openKeys(ctx, c, db, log, lenient); err != nil {
		return nil, err
	}
	if p.directory, err = newDirectory(c, o.Environment, p.vendors, p.keys); err != nil {
		return nil, err
	}
	p.models, err = newModels(c, o.Environment, p.directory, db.Keys())
	return p, err
}

// newProviders are the vendors alone.
func newProviders(c *Config, o Options) (p *providers, err error) {
	p = &providers{plain: o.Transport, guarded: o.Guarded}
	if p.reach, err = c.reach(); err != nil {
		return nil, err
	}
	if p.plain == nil {
		p.plain = upstream.NewTransport()
	}
	if p.guarded == nil {
		p.guarded = upstream.NewGuarded(upstream.GuardOptions{Reach: p.reach})
	}
	p.vendors = vendors(&http.Client{Transport: p.plain}, &http.Client{Transport: p.guarded}, o.DemoDelay)
	return p, nil
}

// newDirectory reads the catalogue and the operator's endpoints; kept is nil where there
// is no vault.
func newDirectory(c *Config, env map[string]string, vendors map[provider.API]provider.Provider, kept *keys) (*provider.Directory, error) {
	overrides, err := c.catalogueOverrides()
	if err != nil {
		return nil, err
	}
	catalogue, err := provider.LoadCatalogue(overrides)
	if err != nil {
		return nil, err
	}
	endpoints, err := c.endpoints(env)
	if err != nil {
		return nil, err
	}
	fallbacks, err := c.fallbacks()
	if err != nil {
		return nil, err
	}
	known := provider.DirectoryOptions{
		Catalogue:    catalogue,
		Vendors:      vendors,
		Endpoints:    endpoints,
		Fallbacks:    fallbacks,
		DefaultModel: c.DefaultModel,
		OllamaURL:    openai.OllamaBaseURL,
		NoProbe:      c.NoOllamaProbe,
	}
	if kept != nil {
		known.Keys, known.Keeps = kept.ring, func() bool { return kept.Ready(context.Background()) == nil }
	}
	return provider.NewDirectory(known), nil
}

// giveTo gives the API the vault, what tries a key, and what there is to say of
// models.
func (p *providers) giveTo(a *httpapi.Options) {
	a.Keys, a.Reach, a.Catalogue = p.keys, p.reach, p.models
	a.ListModels = func(ctx context.Context, e provider.Endpoint) ([]provider.Model, error) {
		return p.vendors[e.API].Models(ctx, e)
	}
}

// close writes down what came of keys, and lets go of connections.
func (p *providers) close() {
	p.keys.close()
	for _, transport := range []http.RoundTripper{p.plain, p.guarded} {
		if t, ok := transport.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
	}
}
