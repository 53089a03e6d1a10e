package client

import (
	"context"
	"net/http"

	"github.com/aichat-term/aichat/client/wire"
)

// ChangeMe changes one's profile, and returns it as it is then.
func (c *Client) ChangeMe(ctx context.Context, change wire.ProfileChange) (wire.Me, error) {
	var me wire.Me
	err := c.call(ctx, http.MethodPatch, wire.PathMe, nil, change, &me)
	return me, err
}

// DeleteMe deletes one's user and all that belongs to it, for ever.
func (c *Client) DeleteMe(ctx context.Context) error {
	return c.call(ctx, http.MethodDelete, wire.PathMe, nil, nil, nil)
}

// Sessions lists one's signed-in programs, last seen first.
func (c *Client) Sessions(ctx context.Context) (wire.SessionList, error) {
	return get[wire.SessionList](ctx, c, wire.PathSessions, nil)
}

// RevokeSession ends a session, and with it what it is doing.
func (c *Client) RevokeSession(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, wire.SessionPath(id), nil, nil, nil)
}

// AccessTokens lists one's personal access tokens, newest first.
func (c *Client) AccessTokens(ctx context.Context) (wire.TokenList, error) {
	return get[wire.TokenList](ctx, c, wire.PathTokens, nil)
}

// CreateAccessToken makes a personal access token. The answer, and nothing else
// ever, holds its text.
func (c *Client) CreateAccessToken(ctx context.Context, n wire.NewToken) (wire.Token, error) {
	var t wire.Token
	err := c.call(ctx, http.MethodPost, wire.PathTokens, nil, n, &t)
	return t, err
}

// RevokeAccessToken ends a personal access token.
func (c *Client) RevokeAccessToken(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, wire.TokenPath(id), nil, nil, nil)
}
