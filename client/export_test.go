package client

import (
	"context"
	"time"
)

// DecodeEvent is decodeEvent, for the fuzz test.
var DecodeEvent = decodeEvent

// Limit lowers the limits of what is read, so that a test need not produce so
// much.
func (c *Client) Limit(bytes int) { c.maxAnswer, c.maxEvent = bytes, bytes }

// Skew makes the authority's clock run faster than the world's by a factor: its
// waits are shorter than they seem to it.
func (a *Authority) Skew(factor float64) {
	a.sleep = func(ctx context.Context, d time.Duration) bool {
		return sleep(ctx, time.Duration(float64(d)/factor))
	}
}
