package server

import (
	"context"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// BoundBodies is boundBodies.
var BoundBodies = boundBodies

// Keep adds a key to the vault.
func (s *Server) Keep(ctx context.Context, k vault.Key, secret vault.Secret) error {
	_, _, err := s.providers.keys.Add(ctx, k, secret)
	return err
}

// Trouble is what the vault has written down of a key of the operator's.
func (s *Server) Trouble(ctx context.Context, id vault.KeyID) (vault.Trouble, error) {
	if err := s.providers.keys.ring.Flush(ctx); err != nil {
		return vault.Trouble{}, err
	}
	k, err := s.db.Keys().FindKey(ctx, vault.Server(), id)
	return k.Trouble, err
}

// NewDirectory is what a server offers, but for the vault's keys, without a
// database.
func NewDirectory(c Config, o Options) (*provider.Directory, error) {
	p, err := newProviders(&c, o)
	if err != nil {
		return nil, err
	}
	return newDirectory(&c, o.Environment, p.vendors, nil)
}
