package client

import (
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// tooOld refuses a server that is older than this client can use.
func tooOld(resp *http.Response) error {
	v := resp.Header.Get(wire.HeaderVersion)
	if v == "" || version.Compare(v, version.MinServer) >= 0 {
		return nil
	}
	return protocolError(resp, fmt.Sprintf("is version %s; this client needs %s or newer", v, version.MinServer), nil)
}

// problem makes an error of an answer that is not 2xx.
func problem(resp *http.Response) error {
	if to := resp.Header.Get("Location"); resp.StatusCode/100 == 3 {
		return protocolError(resp, "redirects to "+redacted(to)+", which is not followed: set the server's address to where it leads", nil)
	}
	var p wire.Problem
	if mediaType(resp) == wire.ProblemType {
		body, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
		if err == nil {
			err = json.Unmarshal(body, &p)
		}
		if err != nil {
			return protocolError(resp, "refused with a problem that cannot be read", err)
		}
	} else if !gateway(resp.StatusCode) {
		return protocolError(resp, fmt.Sprintf("answered %s with %s: is this the address of an aichat server?",
			resp.Status, describe(resp)), nil)
	}
	p.Status = resp.StatusCode
	fillProblem(&p, resp)
	return &Error{p}
}

// fillProblem adds what the problem left out.
func fillProblem(p *wire.Problem, resp *http.Response) {
	if p.Code == "" {
		p.Code = codeOfStatus(p.Status)
	}
	if p.Detail == "" {
		p.Detail = fmt.Sprintf("%s answered %s.", resp.Request.URL.Redacted(), resp.Status)
	}
	if p.RetryAfter == 0 {
		if s, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 32); err == nil {
			p.RetryAfter = max(s, 0)
		}
	}
}

// gateway reports whether a proxy may say this in its own words while the
// server behind it is well, or soon will be.
func gateway(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusRequestEntityTooLarge, http.StatusBadGateway,
		http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// codeOfStatus is the code of an answer that brought none.
func codeOfStatus(status int) wire.Code {
	switch status {
	case http.StatusUnauthorized:
		return wire.Unauthenticated
	case http.StatusForbidden:
		return wire.Forbidden
	case http.StatusNotFound:
		return wire.NotFound
	case http.StatusRequestEntityTooLarge:
		return wire.TooLarge
	case http.StatusTooManyRequests:
		return wire.RateLimited
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return wire.Unavailable
	case http.StatusGatewayTimeout:
		return wire.Timeout
	}
	if status/100 == 4 {
		return wire.InvalidRequest
	}
	return wire.Internal
}

func protocolError(resp *http.Response, reason string, err error) error {
	u := *resp.Request.URL
	u.RawQuery = "" // it may hold what is searched for
	return &ProtocolError{URL: u.Redacted(), Status: resp.StatusCode, Reason: reason, Err: err}
}

func mediaType(resp *http.Response) string {
	t, _, err := mime.ParseMediaType(resp.Header.Get("Content-Type"))
	if err != nil {
		return ""
	}
	return t
}

// describe names an answer's type in a sentence.
func describe(resp *http.Response) string {
	switch t := mediaType(resp); t {
	case "text/html":
		return "a web page"
	case "":
		return "something without a type"
	default:
		return t
	}
}

// redacted is an address without password and query.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "another address"
	}
	u.RawQuery, u.Fragment = "", ""
	return strings.TrimSpace(u.Redacted())
}
