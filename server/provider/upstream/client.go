package upstream

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

const (
	maxErrorBody = 64 << 10
	maxReply     = 16 << 20 // of a JSON answer that is no stream: a list of models
)

// Options is what a Client is made of.
type Options struct {
	// HTTP makes the calls; nil means one with NewTransport. Its Timeout must be
	// zero, as it would cut long answers; its redirect policy is not used.
	HTTP *http.Client

	// Guarded makes the calls of guarded endpoints; nil means one with NewGuarded,
	// which lets nothing private be called.
	Guarded *http.Client

	// Explain reads the vendor's error bodies.
	Explain Explain

	// KeyVariables names, by provider id, the environment variable that holds
	// the key, for the sentence that a refused one earns. It may be nil.
	KeyVariables map[string]string

	// Now is the clock for Retry-After dates; nil means time.Now.
	Now func() time.Time
}

// Client calls one vendor's API. It is safe for concurrent use and holds no
// keys.
type Client struct {
	http      http.Client
	guarded   http.Client
	explain   Explain
	variables map[string]string
	now       func() time.Time
}

// New returns a Client.
func New(o Options) *Client {
	c := &Client{explain: o.Explain, variables: o.KeyVariables, now: o.Now}
	if c.http = client(o.HTTP); c.http.Transport == nil {
		c.http.Transport = NewTransport()
	}
	if c.guarded = client(o.Guarded); c.guarded.Transport == nil {
		c.guarded.Transport = NewGuarded(GuardOptions{})
	}
	if c.explain == nil {
		c.explain = func(int, []byte) Trouble { return Trouble{} }
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c
}

// client is a copy that follows no redirect: what goes with a call, the key above
// all, was meant for one address.
func client(given *http.Client) (c http.Client) {
	if given != nil {
		c = *given
	}
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return c
}

// Stream posts body, encoded as JSON, to the URL and returns the events of the
// answer, which the caller closes. Cancelling ctx ends them. Its errors are
// *fault.Error, or the context's own.
func (c *Client) Stream(ctx context.Context, to provider.Endpoint, url string, header http.Header, body any) (*Events, error) {
	payload, err := json.Marshal(body)
	if err != nil {
		return nil, fault.Wrap(err, fault.Internal, "")
	}
	callCtx, cancel := context.WithCancel(ctx)
	resp, err := c.do(callCtx, to, http.MethodPost, url, header, "text/event-stream", payload) //nolint:bodyclose // Events.Close closes it
	if err == nil {
		err = c.checkStream(to, resp)
	}
	if err != nil {
		cancel()
		return nil, contextOr(ctx, err)
	}
	return newEvents(ctx, cancel, c, to, resp), nil
}

// Get fetches the URL and decodes its JSON into reply. Its errors are Stream's.
func (c *Client) Get(ctx context.Context, to provider.Endpoint, url string, header http.Header, reply any) error {
	return c.fetch(ctx, to, http.MethodGet, url, header, nil, reply)
}

// Post posts body, encoded as JSON, to the URL and decodes the JSON of what comes
// back into reply. Its errors are Stream's.
func (c *Client) Post(ctx context.Context, to provider.Endpoint, url string, header http.Header, body, reply any) error {
	payload, err := json.Marshal(body)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "")
	}
	return c.fetch(ctx, to, http.MethodPost, url, header, payload, reply)
}

// fetch makes one call whose answer is a JSON document.
func (c *Client) fetch(ctx context.Context, to provider.Endpoint, method, url string, header http.Header, payload []byte, reply any) error {
	resp, err := c.do(ctx, to, method, url, header, "application/json", payload)
	if err != nil {
		return contextOr(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // read to its end or not wanted
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxReply+1))
	switch {
	case err != nil:
		return contextOr(ctx, fault.Wrap(err, fault.ProviderUnreachable, "The answer of %s broke off.", to.Provider))
	case len(body) > maxReply:
		return fault.New(fault.ProviderMalformed, "The answer of %s is larger than %d MiB.", to.Provider, maxReply>>20)
	}
	if err := json.Unmarshal(body, reply); err != nil {
		return fault.Wrap(err, fault.ProviderMalformed, "What %s answered is not the JSON that was asked for; check its base URL.", to.Provider)
	}
	return nil
}

// do makes one call and returns the response if its status is 2xx.
func (c *Client) do(ctx context.Context, to provider.Endpoint, method, url string, header http.Header, accept string, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, url, http.NoBody)
	if err != nil {
		return nil, fault.Wrap(err, fault.ProviderUnreachable, "The base URL of %s is not a valid URL.", to.Provider)
	}
	if header != nil {
		req.Header = header
	}
	req.Header.Set("Accept", accept)
	sent := payload{bytes: body}
	defer sent.release()
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
		sent.attach(req)
	}
	if !sendable(to.Key.Reveal()) {
		return nil, c.fault(to, http.StatusUnauthorized, Trouble{Kind: fault.ProviderAuth})
	}
	resp, err := c.through(to).Do(req)
	if err != nil {
		return nil, unreachable(to, req.URL, err)
	}
	if resp.StatusCode/100 == 2 {
		return resp, nil
	}
	defer func() { _ = resp.Body.Close() }() // of no further interest
	return nil, c.refusal(to, resp)
}

// through is the client for calls of an endpoint.
func (c *Client) through(to provider.Endpoint) *http.Client {
	if to.Guarded {
		return &c.guarded
	}
	return &c.http
}

// sendable reports whether a key can stand in a header at all.
func sendable(key string) bool {
	for i := range len(key) {
		if key[i] < ' ' || key[i] == 0x7f {
			return false
		}
	}
	return true
}

// contextOr returns the context's error if it has ended, else err: what a
// cancelled call failed with is of no interest.
func contextOr(ctx context.Context, err error) error {
	if ctxErr := ctx.Err(); ctxErr != nil {
		return ctxErr
	}
	return err
}

// unreachable is the fault of a call that got no response.
func unreachable(to provider.Endpoint, at *url.URL, err error) *fault.Error {
	if errors.Is(err, errOutOfReach) {
		return fault.Wrap(err, fault.Forbidden,
			"The base URL of %s cannot be called from here: it does not lead to a public address over https, and the server's operator has not allowed it.", to.Provider)
	}
	op, isOp := errors.AsType[*net.OpError](err)
	timeout, isNet := errors.AsType[net.Error](err)
	if isNet && timeout.Timeout() && (!isOp || op.Op != "dial") {
		return fault.Wrap(err, fault.ProviderTimeout, "%s did not answer in time.", to.Provider)
	}
	if _, secret := errors.AsType[untold](err); secret {
		return fault.Wrap(err, fault.ProviderUnreachable,
			"%s cannot be reached from here at %s: nothing answers there, or its base URL does not lead to a public address.", to.Provider, at.Host)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || isOp && (op.Op == "read" || op.Op == "write") {
		return fault.Wrap(err, fault.ProviderUnreachable, "%s closed the connection at %s without an answer.", to.Provider, at.Host)
	}
	return fault.Wrap(err, fault.ProviderUnreachable, "%s cannot be reached at %s.", to.Provider, at.Host)
}

// refusal reads the response of a call that the vendor refused.
func (c *Client) refusal(to provider.Endpoint, resp *http.Response) *fault.Error {
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody)) // what did arrive is better than nothing
	t := c.explain(resp.StatusCode, body)
	if t.RetryAfter == 0 {
		t.RetryAfter = retryAfter(resp.Header, c.now())
	}
	return c.fault(to, resp.StatusCode, t)
}

// checkStream refuses a 2xx that is plainly no event stream: a page of a proxy,
// or an error in JSON under the wrong status. Unusual types pass, as some
// compatible servers send them.
func (c *Client) checkStream(to provider.Endpoint, resp *http.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // empty if unreadable, and then it passes
	if kind != "text/html" && kind != "application/json" {
		return nil
	}
	defer func() { _ = resp.Body.Close() }() // of no further interest
	body, _ := io.ReadAll(io.LimitReader(resp.Body, maxErrorBody))
	if t := c.explain(resp.StatusCode, body); t.Kind != fault.Internal {
		return c.fault(to, resp.StatusCode, t)
	}
	return fault.New(fault.ProviderMalformed, "%s answered with %s in place of a stream; check its base URL.", to.Provider, kind)
}
