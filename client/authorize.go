package client

import (
	"io"
	"net/http"
)

// send sends a request, signed where there is a TokenSource. A token that is not
// accepted is exchanged and the request sent again, once.
func (c *Client) send(req *http.Request) (*http.Response, error) {
	if c.tokens == nil {
		return c.carry(req)
	}
	ctx := req.Context()
	token, err := c.tokens.Token(ctx)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := c.carry(req)
	if err != nil || resp.StatusCode != http.StatusUnauthorized {
		return resp, err
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxProblem)) // so that the connection may be used again
	_ = resp.Body.Close()
	if token, err = c.tokens.Renew(ctx, token); err != nil {
		return nil, err
	}
	again := req.Clone(ctx)
	if req.GetBody != nil {
		if again.Body, err = req.GetBody(); err != nil {
			return nil, err
		}
	}
	again.Header.Set("Authorization", "Bearer "+token)
	return c.carry(again)
}

// carry sends a request as it is.
func (c *Client) carry(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.unreachable(req.Context(), err)
	}
	return resp, nil
}
