package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
)

const (
	maxAnswer  = 64 << 20 // bytes of a JSON answer: a page may hold many long messages
	maxProblem = 64 << 10 // bytes of an error answer
)

const (
	typeJSON   = "application/json"
	typeStream = "text/event-stream"
)

// call asks for JSON and decodes the answer into out, which may be nil.
func (c *Client) call(ctx context.Context, method, path string, query url.Values, in, out any) error {
	ctx, cancel := context.WithTimeoutCause(ctx, c.timeout, &limitError{fmt.Sprintf("no answer within %v", c.timeout)})
	defer cancel()
	req, err := c.request(ctx, method, path, query, in)
	if err != nil {
		return err
	}
	req.Header.Set("Accept", typeJSON)
	resp, err := c.do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	return c.decode(resp, out)
}

// request makes a request to the server. A body is checked to be text that can
// be told without loss.
func (c *Client) request(ctx context.Context, method, path string, query url.Values, body any) (*http.Request, error) {
	u := c.base.String() + path
	if len(query) > 0 {
		u += "?" + query.Encode()
	}
	var r io.Reader
	if body != nil {
		if err := checkText(body); err != nil {
			return nil, err
		}
		b, err := json.Marshal(body)
		if err != nil {
			return nil, fmt.Errorf("client: encode the request: %w", err)
		}
		r = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, u, r)
	if err != nil {
		return nil, fmt.Errorf("client: make the request: %w", err)
	}
	maps.Copy(req.Header, c.headers)
	if body != nil {
		req.Header.Set("Content-Type", typeJSON)
	}
	// Whatever we ask may be asked twice, since ids are ours: with this key
	// net/http does so when a kept connection turns out to be dead. Empty, it
	// is not sent.
	req.Header["Idempotency-Key"] = nil
	return req, nil
}

// do sends a request and returns an answer of 2xx; anything else is an error,
// and the body closed.
func (c *Client) do(req *http.Request) (*http.Response, error) {
	resp, err := c.send(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode/100 == 2 {
		if err = tooOld(resp); err == nil || c.anyServer {
			return resp, nil
		}
	} else {
		err = problem(resp)
	}
	_ = resp.Body.Close()
	return nil, err
}

// unreachable says why there was no answer: the caller's context or the way.
func (c *Client) unreachable(ctx context.Context, err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err // without method and URL, which the message has anyway
	}
	var limit *limitError
	switch cause := context.Cause(ctx); {
	case errors.As(cause, &limit):
		err = limit
	case ctx.Err() != nil:
		return cause
	}
	return &UnreachableError{URL: c.BaseURL(), Local: isLocal(c.http.Transport), Err: err}
}

// limitError ends a request of ours, as opposed to the caller's own end of it.
type limitError struct{ reason string }

func (e *limitError) Error() string { return e.reason }

// decode reads a JSON answer.
func (c *Client) decode(resp *http.Response, out any) error {
	if out == nil || resp.StatusCode == http.StatusNoContent {
		return nil
	}
	if mediaType(resp) != typeJSON {
		return protocolError(resp, "answered with "+describe(resp)+": is this the address of an aichat server?", nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, int64(c.maxAnswer)+1))
	switch {
	case err != nil:
		return c.unreachable(resp.Request.Context(), err)
	case len(body) > c.maxAnswer:
		return protocolError(resp, fmt.Sprintf("answered with more than %d bytes", c.maxAnswer), nil)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return protocolError(resp, "answered with JSON that is not understood", err)
	}
	return nil
}
