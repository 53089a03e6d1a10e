package client

import (
	"context"

	"github.com/aichat-term/aichat/client/wire"
)

// Offers lists the plans that the account may have, and how it would stand under
// each.
func (c *Client) Offers(ctx context.Context) (wire.Offers, error) {
	return get[wire.Offers](ctx, c, wire.PathPlans, nil)
}

// Limits tells what the account has, and has left.
func (c *Client) Limits(ctx context.Context) (wire.Limits, error) {
	return get[wire.Limits](ctx, c, wire.PathLimits, nil)
}
