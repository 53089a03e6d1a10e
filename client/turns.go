package client

import (
	"context"
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
)

// BeginTurn begins a turn and does not listen: it returns the turn as soon as
// it is stored. Repeated, it says how the same turn stands.
func (c *Client) BeginTurn(ctx context.Context, conversation string, n wire.NewTurn) (wire.Turn, error) {
	return send[wire.Turn](ctx, c, http.MethodPost, wire.ConversationPath(conversation, wire.BelowTurns), n)
}

// TurnStatus says how a turn stands.
func (c *Client) TurnStatus(ctx context.Context, turn string) (wire.Turn, error) {
	return get[wire.Turn](ctx, c, wire.TurnPath(turn), nil)
}

// CancelTurn ends a turn; what it has said so far is kept. To cancel a turn
// that has ended is nothing.
func (c *Client) CancelTurn(ctx context.Context, turn string) error {
	return c.call(ctx, http.MethodPost, wire.TurnPath(turn, wire.BelowCancel), nil, nil, nil)
}
