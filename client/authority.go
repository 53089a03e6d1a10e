package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// Endpoints are the addresses of a server's authorization server, as its
// metadata names them (RFC 8414, section 2).
type Endpoints struct {
	Issuer     string `json:"issuer"`
	Device     string `json:"device_authorization_endpoint"`
	Token      string `json:"token_endpoint"`
	Revocation string `json:"revocation_endpoint"`
}

// AuthorityOptions says which authorization server is meant.
type AuthorityOptions struct {
	// BaseURL is the server's address, as in Options.
	BaseURL string

	// Transport carries the requests; nil is a transport of its own.
	Transport http.RoundTripper

	// ClientID is the OAuth client id; empty is wire.ClientID.
	ClientID string

	// Version is this client's version; empty is version.String().
	Version string
}

// Authority is the half of a server that signs programs in: the device flow (RFC
// 8628), refresh (RFC 6749, section 6) and revocation (RFC 7009). It is safe for
// concurrent use. It sends no credential but to the server's own origin, and
// follows no redirect.
type Authority struct {
	base      *url.URL
	endpoints Endpoints
	id        string
	version   string
	http      http.Client
	sleep     func(context.Context, time.Duration) bool // another clock, in tests
}

// NewAuthority is the authority whose endpoints are known. They must be of the
// origin of its address.
func NewAuthority(o AuthorityOptions, e Endpoints) (*Authority, error) {
	a, err := newAuthority(o)
	if err != nil {
		return nil, err
	}
	return a, a.use(e)
}

// Discover asks a server for its metadata. A server that signs nobody in is a
// *ProtocolError, and so is one that names endpoints of another origin: what it
// calls itself is then in the error's reason.
func Discover(ctx context.Context, o AuthorityOptions) (*Authority, error) {
	a, err := newAuthority(o)
	if err != nil {
		return nil, err
	}
	// Below the server's own path, where a proxy that gives it one would send
	// it; RFC 8414 would have it before the path, which is not the server's.
	req, err := a.request(ctx, http.MethodGet, a.base.String()+wire.PathMetadata, nil)
	if err != nil {
		return nil, err
	}
	var e Endpoints
	if err := a.ask(req, &e); err != nil {
		return nil, undiscovered(err)
	}
	if !sameOrigin(a.base.String(), e.Issuer) {
		return nil, &ProtocolError{URL: a.base.String(), Status: http.StatusOK,
			Reason: "calls itself " + redacted(e.Issuer) + ": sign in there, by that address"}
	}
	return a, a.use(e)
}

// undiscovered explains a server that has no metadata.
func undiscovered(err error) error {
	if p, ok := errors.AsType[*ProtocolError](err); ok && p.Status == http.StatusNotFound {
		return &ProtocolError{URL: p.URL, Status: p.Status, Err: p.Err,
			Reason: "is not there: this is no aichat server, or one that signs nobody in"}
	}
	return err
}

func newAuthority(o AuthorityOptions) (*Authority, error) {
	base, err := parseBase(o.BaseURL, isLocal(o.Transport))
	if err != nil {
		return nil, err
	}
	a := &Authority{base: base, id: o.ClientID, version: o.Version, sleep: sleep}
	if a.id == "" {
		a.id = wire.ClientID
	}
	if a.version == "" {
		a.version = version.String()
	}
	a.http.Transport = o.Transport
	if o.Transport == nil {
		a.http.Transport = newTransport()
	}
	a.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return a, nil
}

// use takes endpoints that are all of the server's own origin.
func (a *Authority) use(e Endpoints) error {
	for _, endpoint := range []string{e.Token, e.Device, e.Revocation} {
		if endpoint != "" && !sameOrigin(a.base.String(), endpoint) {
			return &ProtocolError{URL: a.base.String(), Reason: "sends sign-in to " + redacted(endpoint) + ", which is not its own address"}
		}
	}
	if e.Token == "" {
		return &ProtocolError{URL: a.base.String(), Reason: "names no address to get a token at"}
	}
	a.endpoints = e
	return nil
}

// Endpoints are the addresses in use.
func (a *Authority) Endpoints() Endpoints { return a.endpoints }

// Close closes the connections that are idle.
func (a *Authority) Close() { a.http.CloseIdleConnections() }

// sameOrigin reports whether two addresses have scheme, host and port in common
// (RFC 6454, section 5).
func sameOrigin(a, b string) bool {
	u, errA := url.Parse(a)
	v, errB := url.Parse(b)
	return errA == nil && errB == nil && u.Host != "" && v.User == nil && origin(u) == origin(v)
}

func origin(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case strings.EqualFold(u.Scheme, "https"):
		port = "443"
	case strings.EqualFold(u.Scheme, "http"):
		port = "80"
	}
	return strings.ToLower(u.Scheme + "://" + u.Hostname() + ":" + port)
}

// OAuthError is a refusal of the authorization server (RFC 6749, section 5.2).
type OAuthError struct {
	wire.OAuthProblem
	Status     int           // HTTP status; 0: nobody said so, the time was up
	RetryAfter time.Duration // 0: unknown
}

// Error is what the server says of it, or the code.
func (e *OAuthError) Error() string {
	if e.Description != "" {
		return e.Description
	}
	return "the server refused to sign in: " + e.Code()
}

// Code is one of the wire.OAuth… codes, or one that this client does not know.
func (e *OAuthError) Code() string { return e.OAuthProblem.Error }

// OAuthCode is the code of the *OAuthError in err's chain; empty where there is
// none.
func OAuthCode(err error) string {
	if e, ok := errors.AsType[*OAuthError](err); ok {
		return e.Code()
	}
	return ""
}

// oauthPatience is how long one request may take.
const oauthPatience = 20 * time.Second

// post sends a form to an endpoint and decodes the answer into out, which may be
// nil.
func (a *Authority) post(ctx context.Context, endpoint string, form url.Values, out any) error {
	form.Set("client_id", a.id)
	req, err := a.request(ctx, http.MethodPost, endpoint, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return a.ask(req, out)
}

func (a *Authority) request(ctx context.Context, method, address string, body io.Reader) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, fmt.Errorf("client: make the request: %w", err)
	}
	req.Header.Set("Accept", typeJSON)
	req.Header.Set("User-Agent", "aichat/"+a.version)
	req.Header.Set(wire.HeaderVersion, a.version)
	return req, nil
}

// ask sends a request and decodes the answer. Its errors are *OAuthError,
// *Error, *ProtocolError and *UnreachableError.
func (a *Authority) ask(req *http.Request, out any) error {
	ctx, cancel := context.WithTimeoutCause(req.Context(), oauthPatience, &limitError{fmt.Sprintf("no answer within %v", oauthPatience)})
	defer cancel()
	resp, err := a.http.Do(req.WithContext(ctx))
	if err != nil {
		return a.unreachable(ctx, req.Context(), err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode/100 != 2 {
		return oauthProblem(resp)
	}
	if out == nil {
		return nil
	}
	if mediaType(resp) != typeJSON {
		return protocolError(resp, "answered with "+describe(resp)+": is this the address of an aichat server?", nil)
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err != nil {
		return a.unreachable(ctx, req.Context(), err)
	}
	if err := json.Unmarshal(body, out); err != nil {
		return protocolError(resp, "answered with JSON that is not understood", nil) // the cause may quote a token
	}
	return nil
}

// unreachable says why there was no answer: the caller's context or the way.
func (a *Authority) unreachable(ctx, caller context.Context, err error) error {
	if ue, ok := errors.AsType[*url.Error](err); ok {
		err = ue.Err
	}
	if limit, ok := errors.AsType[*limitError](context.Cause(ctx)); ok {
		err = limit // which may be the caller's
	} else if caller.Err() != nil {
		return context.Cause(caller)
	}
	return &UnreachableError{URL: a.base.String(), Local: isLocal(a.http.Transport), Err: err}
}

// oauthProblem makes an error of an answer that is not 2xx.
func oauthProblem(resp *http.Response) error {
	if mediaType(resp) != typeJSON {
		return problem(resp)
	}
	e := &OAuthError{Status: resp.StatusCode}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	if err != nil || json.Unmarshal(body, &e.OAuthProblem) != nil || e.Code() == "" {
		return protocolError(resp, fmt.Sprintf("answered %s without saying why", resp.Status), nil)
	}
	var p wire.Problem
	p.Status = resp.StatusCode
	fillProblem(&p, resp)
	e.RetryAfter = time.Duration(p.RetryAfter) * time.Second
	return e
}
