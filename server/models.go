package server

import (
	"context"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// models is what an operator is told of models: what everybody may ask, where it
// is known from, and by which keys it is asked.
type models struct {
	*provider.Directory
	builtIn, all *provider.Catalogue
	endpoints    []provider.Endpoint // of the configuration and the environment
	kept         vault.Store
}

var _ httpapi.Catalogue = (*models)(nil)

func newModels(c *Config, env map[string]string, d *provider.Directory, kept vault.Store) (*models, error) {
	overrides, err := c.catalogueOverrides()
	if err != nil {
		return nil, err
	}
	m := &models{Directory: d, kept: kept}
	if m.builtIn, err = provider.LoadCatalogue(nil); err != nil {
		return nil, err
	}
	if m.all, err = provider.LoadCatalogue(overrides); err != nil {
		return nil, err
	}
	m.endpoints, err = c.endpoints(env)
	return m, err
}

// Origin implements httpapi.Catalogue.
func (m *models) Origin(of *provider.Model) string {
	switch {
	case !of.Listed:
		return wire.OriginLive
	case m.all.Overrides(m.builtIn, of.Provider, of.Name):
		return wire.OriginFile
	}
	return wire.OriginBuiltIn
}

// Keys implements httpapi.Catalogue.
func (m *models) Keys(ctx context.Context) (map[string][]wire.ModelKey, error) {
	kept, err := m.kept.KeysOf(ctx, vault.Server())
	if err != nil {
		return nil, err
	}
	keys := map[string][]wire.ModelKey{}
	for i := range kept {
		k := &kept[i]
		keys[k.Provider] = append(keys[k.Provider], wire.ModelKey{ID: string(k.ID), BaseURL: k.BaseURL, Disabled: k.Disabled})
	}
	for i := range m.endpoints {
		e := &m.endpoints[i]
		keys[e.Provider] = append(keys[e.Provider], wire.ModelKey{ID: e.KeyID, BaseURL: e.BaseURL})
	}
	return keys, nil
}
