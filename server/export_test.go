package server

import (
	"context"

	"github.com/aichat-term/aichat/server/vault"
)

// BoundBodies is boundBodies.
var BoundBodies = boundBodies

// Keep adds a key to the vault.
func (s *Server) Keep(ctx context.Context, k vault.Key, secret vault.Secret) error {
	_, _, err := s.keys.Add(ctx, k, secret)
	return err
}

// Trouble is what the vault has written down of a key of the operator's.
func (s *Server) Trouble(ctx context.Context, id vault.KeyID) (vault.Trouble, error) {
	if err := s.keys.ring.Flush(ctx); err != nil {
		return vault.Trouble{}, err
	}
	k, err := s.db.Keys().FindKey(ctx, vault.Server(), id)
	return k.Trouble, err
}
