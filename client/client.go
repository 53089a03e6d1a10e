package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// Options says which server a Client talks to, and as whom.
type Options struct {
	// BaseURL is the server's address, such as https://chat.example.com. Only
	// https is allowed beyond loopback, since what is said is private and the
	// token is a key.
	BaseURL string

	// Transport carries the requests; nil is a transport of the Client's own.
	// One that has a method Local() bool and returns true leads to this
	// machine's own server.
	Transport http.RoundTripper

	// Token signs in. It is sent to BaseURL's origin and nowhere else.
	Token string

	// Tokens signs in with tokens that change; then Token is empty.
	Tokens TokenSource

	// Account is the account to act on; empty is the personal one.
	Account string

	// Version is this client's version; empty is version.String().
	Version string

	// ProviderEnv is what the terminal's environment says of providers. It is
	// refused with a Transport that is not local.
	ProviderEnv wire.ProviderEnv

	// AnyServer lets the Client talk to a server that is too old for it: to ask
	// what it is, and to tell it to go.
	AnyServer bool

	// Timeout limits every request that is no stream; zero is a minute.
	Timeout time.Duration

	// Retry says how streams are continued; its zero value is the default.
	Retry Retry

	Logger *slog.Logger     // nil: silent
	Now    func() time.Time // nil: time.Now
}

// Client talks to one server as one user. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	http    http.Client
	headers http.Header // of every request; never changed after New
	tokens  TokenSource // nil: headers say all
	timeout time.Duration
	retry   Retry
	log     *slog.Logger
	now     func() time.Time

	anyServer           bool
	maxAnswer, maxEvent int // bytes
}

const defaultTimeout = time.Minute

// New returns a Client. It connects to nothing yet.
func New(o Options) (*Client, error) {
	base, err := parseBase(o.BaseURL, isLocal(o.Transport))
	if err != nil {
		return nil, err
	}
	headers, err := o.headers()
	if err != nil {
		return nil, err
	}
	c := &Client{
		base:    base,
		headers: headers,
		tokens:  o.Tokens,
		timeout: o.Timeout,
		retry:   o.Retry.withDefaults(),
		log:     o.Logger,
		now:     o.Now,

		anyServer: o.AnyServer,
		maxAnswer: maxAnswer,
		maxEvent:  maxEvent,
	}
	c.http.Transport = o.Transport
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if o.Transport == nil {
		c.http.Transport = newTransport()
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	if c.now == nil {
		c.now = time.Now
	}
	return c, nil
}

// Close closes the connections that are idle. The Client may be used again.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// BaseURL is the address of the server, without the token.
func (c *Client) BaseURL() string { return c.base.String() }

// isToken reports whether a text can be sent as a bearer token, or is empty: those
// have visible ASCII only (RFC 6750, section 2.1).
func isToken(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) < 0
}

// headers are what every request carries.
func (o Options) headers() (http.Header, error) {
	h := http.Header{}
	h.Set(wire.HeaderVersion, o.Version)
	if o.Version == "" {
		h.Set(wire.HeaderVersion, version.String())
	}
	h.Set("User-Agent", "aichat/"+h.Get(wire.HeaderVersion))
	h.Set(wire.HeaderMinServer, version.MinServer)
	if o.Account != "" {
		h.Set(wire.HeaderAccount, o.Account)
	}
	if o.Token != "" && o.Tokens != nil {
		return nil, errors.New("client: a Token or Tokens sign in, not both")
	}
	if !isToken(o.Token) {
		return nil, errors.New("client: the token holds a space, a line break or another character that no token has: copy it again")
	}
	if o.Token != "" {
		h.Set("Authorization", "Bearer "+o.Token)
	}
	if len(o.ProviderEnv) == 0 {
		return h, nil
	}
	if !isLocal(o.Transport) {
		return nil, errors.New("client: provider keys go to this machine's own server only")
	}
	env, err := json.Marshal(o.ProviderEnv)
	if err != nil {
		return nil, fmt.Errorf("client: provider environment: %w", err)
	}
	h.Set(wire.HeaderProviderKeys, string(env))
	return h, nil
}

// parseBase checks a server's address.
func parseBase(s string, local bool) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, fmt.Errorf("client: the server's address: %w", err)
	}
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Host == "":
		return nil, fmt.Errorf("client: the server's address %q is not of the form https://host", u.Redacted())
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, fmt.Errorf("client: the server's address %q holds more than scheme, host and path", u.Redacted())
	case u.Scheme == "http" && !local && !loopback(u.Hostname()):
		return nil, fmt.Errorf("client: %s is not encrypted: beyond this machine only https is used", u)
	}
	u.Path, u.RawPath = strings.TrimRight(u.Path, "/"), ""
	return u, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isLocal reports whether the transport says that it leads to this machine's
// own server.
func isLocal(t http.RoundTripper) bool {
	l, ok := t.(interface{ Local() bool })
	return ok && l.Local()
}

// newTransport is for remote servers: like the standard library's, with a dead
// connection noticed sooner, since a stream may be all there is on it.
func newTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 10 * time.Second, KeepAlive: 15 * time.Second}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           dialer.DialContext,
		ForceAttemptHTTP2:     true,
		HTTP2:                 &http.HTTP2Config{SendPingTimeout: 20 * time.Second, PingTimeout: 10 * time.Second},
		MaxIdleConnsPerHost:   4,
		IdleConnTimeout:       90 * time.Second,
		TLSHandshakeTimeout:   10 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}
