package client

import (
	"context"
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
)

// KeyOwner says whose provider keys are meant.
type KeyOwner string

// The owners.
const (
	OwnKeys     KeyOwner = wire.PathKeys        // the signed-in user's
	AccountKeys KeyOwner = wire.PathAccountKeys // the account's; for its owners and admins
)

// Keys lists provider keys, oldest first; never the keys themselves.
func (c *Client) Keys(ctx context.Context, of KeyOwner) (wire.KeyList, error) {
	return get[wire.KeyList](ctx, c, string(of), nil)
}

// AddKey has the server keep a provider key. It may be repeated with the same id.
func (c *Client) AddKey(ctx context.Context, of KeyOwner, n wire.NewKey) (wire.Key, error) {
	var k wire.Key
	err := c.call(ctx, http.MethodPost, string(of), nil, n, &k)
	return k, err
}

// ChangeKey changes what is named of a key.
func (c *Client) ChangeKey(ctx context.Context, of KeyOwner, id string, change wire.KeyChange) (wire.Key, error) {
	var k wire.Key
	err := c.call(ctx, http.MethodPatch, wire.KeyPath(string(of), id), nil, change, &k)
	return k, err
}

// RemoveKey has the server forget a key for good.
func (c *Client) RemoveKey(ctx context.Context, of KeyOwner, id string) error {
	return c.call(ctx, http.MethodDelete, wire.KeyPath(string(of), id), nil, nil, nil)
}

// TestKey tries a key at its provider. That the provider refuses it is an answer,
// and no error.
func (c *Client) TestKey(ctx context.Context, of KeyOwner, id string) (wire.KeyTest, error) {
	var t wire.KeyTest
	err := c.call(ctx, http.MethodPost, wire.KeyPath(string(of), id, wire.BelowTest), nil, nil, &t)
	return t, err
}
