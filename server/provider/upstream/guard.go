package upstream

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"

	"github.com/aichat-term/aichat/server/provider"
)

// GuardOptions is what a guarded transport is made of. The zero GuardOptions lets
// nothing be called but what is public.
type GuardOptions struct {
	// Reach says what may be called.
	Reach *provider.Reach

	// Resolver finds addresses; nil: net.DefaultResolver.
	Resolver *net.Resolver

	// Own lists this machine's addresses, which are out of reach even where they
	// are public: what listens there may trust whoever is on the machine. Nil:
	// net.InterfaceAddrs.
	Own func() ([]net.Addr, error)
}

// NewGuarded returns a transport for endpoints whose address the operator has not
// written; see provider.Endpoint.Guarded. It looks at each address that it is about
// to dial, after names have been resolved and right before the connection, so
// that neither a name that changes what it means nor a redirect leads anywhere
// else. Its connections are its own: nobody is handed one that was made on the
// operator's word. It goes through no proxy, which would dial in its place.
func NewGuarded(o GuardOptions) http.RoundTripper {
	if o.Own == nil {
		o.Own = net.InterfaceAddrs
	}
	g := &guarded{options: o, transport: NewTransport()}
	if !o.Reach.Anything() {
		g.transport.Proxy = nil
		g.transport.DialContext = g.dial
	}
	return g
}

type guarded struct {
	options   GuardOptions
	transport *http.Transport
}

// RoundTrip implements http.RoundTripper.
func (g *guarded) RoundTrip(r *http.Request) (*http.Response, error) {
	if err := g.options.Reach.Check(r.URL); err != nil {
		if r.Body != nil {
			_ = r.Body.Close() // as a RoundTripper must; it has not been read
		}
		return nil, errOutOfReach
	}
	return g.transport.RoundTrip(r)
}

// CloseIdleConnections is http.Transport's.
func (g *guarded) CloseIdleConnections() { g.transport.CloseIdleConnections() }

func (g *guarded) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	d := newDialer()
	d.Resolver = g.options.Resolver
	if !g.options.Reach.Names(host, port) {
		d.ControlContext = g.admit
	}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, untold{err}
	}
	return conn, nil
}

// untold is why an address could not be dialled, which only the log is told: whether
// a name is none, leads inside, or where nobody listens, else whoever keeps a key
// learns which names there are inside.
type untold struct{ error }

func (e untold) Unwrap() error { return e.error }

var (
	// errOutOfReach says that a URL may not be called, which is plain from itself.
	errOutOfReach = errors.New("the address is out of reach")

	// errLeadsInside says that a name leads to an address that may not be called. It
	// does not say which, and the caller is not told it from a name that leads
	// nowhere: what names mean in the operator's network is nobody else's business.
	errLeadsInside = errors.New("the name leads to an address that is out of reach")
)

// admit is called with each address before it is dialled.
func (g *guarded) admit(_ context.Context, _, address string, _ syscall.RawConn) error {
	to, err := netip.ParseAddrPort(address)
	if err != nil || !g.options.Reach.Addr(to.Addr()) || !g.options.Reach.Allows(to.Addr()) && g.own(to.Addr()) {
		return errLeadsInside
	}
	return nil
}

// own reports whether an address is this machine's, or cannot be told from one.
func (g *guarded) own(at netip.Addr) bool {
	all, err := g.options.Own()
	if err != nil {
		return true
	}
	for _, a := range all {
		if network, ok := a.(*net.IPNet); ok {
			if mine, ok := netip.AddrFromSlice(network.IP); ok && mine.Unmap() == at.Unmap() {
				return true
			}
		}
	}
	return false
}
