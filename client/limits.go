package client

import (
	"context"

	"github.com/aichat-term/aichat/client/wire"
)

// Limits tells what the account has, and has left.
func (c *Client) Limits(ctx context.Context) (wire.Limits, error) {
	return get[wire.Limits](ctx, c, wire.PathLimits, nil)
}
