package client

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/aichat-term/aichat/client/wire"
)

// ChangeMe changes one's profile, and returns it as it is then.
func (c *Client) ChangeMe(ctx context.Context, change wire.ProfileChange) (wire.Me, error) {
	var me wire.Me
	err := c.call(ctx, http.MethodPatch, wire.PathMe, nil, change, &me)
	return me, err
}

// DeleteMe deletes one's user and all that belongs to it, for ever. It wants
// one's own name, as Me tells it.
func (c *Client) DeleteMe(ctx context.Context, name string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, &limitError{fmt.Sprintf("no answer within %v", c.timeout)})
	defer cancel()
	req, err := c.request(ctx, http.MethodDelete, wire.PathMe, nil, nil)
	if err != nil {
		return err
	}
	req.Header.Set(wire.HeaderConfirm, url.PathEscape(name))
	resp, err := c.do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// Sessions lists one's signed-in programs, last seen first.
func (c *Client) Sessions(ctx context.Context) (wire.SessionList, error) {
	return get[wire.SessionList](ctx, c, wire.PathSessions, nil)
}

// RevokeSession ends a session, and with it what it is doing.
func (c *Client) RevokeSession(ctx context.Context, id string) error {
	return c.call(ctx, http.MethodDelete, wire.SessionPath(id), nil, nil, nil)
}

// RevokeSessions ends all other sessions, in programs and browsers; with all set
// also the one that asks. Personal access tokens stay.
func (c *Client) RevokeSessions(ctx context.Context, all bool) error {
	query := url.Values{}
	if all {
		query.Set("all", "true")
	}
	return c.call(ctx, http.MethodDelete, wire.PathSessions, query, nil, nil)
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
