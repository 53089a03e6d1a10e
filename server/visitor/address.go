package visitor

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// Proxies are the networks of the proxies in front of the server whose word is
// taken for where a request comes from. The zero Proxies trust nobody.
type Proxies []netip.Prefix

// ParseProxies reads networks as CIDR ("10.0.0.0/8") or single addresses.
func ParseProxies(networks []string) (Proxies, error) {
	var all Proxies
	for _, text := range networks {
		p, err := parseNetwork(strings.TrimSpace(text))
		if err != nil {
			return nil, fmt.Errorf("%q is neither a network such as 10.0.0.0/8 nor an address", text)
		}
		all = append(all, p)
	}
	return all, nil
}

func parseNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(text)
	return p.Masked(), err
}

func (p Proxies) trusts(a netip.Addr) bool {
	return slices.ContainsFunc(p, func(n netip.Prefix) bool { return n.Contains(a) })
}

// forwarded is the header in which each proxy appends whom it had before it.
const forwarded = "X-Forwarded-For"

// hops is how many addresses of a header are looked at, from its end: no chain
// of proxies is longer.
const hops = 32

// Address is the IP address that a request comes from; empty: it has none, as
// over a Unix socket. Behind proxies it is the visitor's only below Tell.
func Address(r *http.Request) string {
	if at, ok := parseHop(r.RemoteAddr); ok {
		return at.String()
	}
	return ""
}

// Tell lets the doors behind see, as a request's RemoteAddr, the visitor instead
// of a proxy. Without proxies it is next itself.
func (p Proxies) Tell(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if at, ok := p.visitor(r); ok {
			r.RemoteAddr = net.JoinHostPort(at.String(), "0") // the port is the proxy's secret
		}
		next.ServeHTTP(w, r)
	})
}

// visitor is who stands behind the proxies: the connection's own address or,
// where that is a trusted proxy, the last one in X-Forwarded-For that is not.
// What stands before it was written by strangers, and is not believed. A proxy
// that wrote no sense stands for itself.
func (p Proxies) visitor(r *http.Request) (at netip.Addr, ok bool) {
	at, ok = parseHop(r.RemoteAddr)
	if !ok || !p.trusts(at) {
		return at, ok
	}
	for _, text := range lastHops(r.Header.Values(forwarded)) {
		before, ok := parseHop(text)
		if !ok {
			break
		}
		at = before
		if !p.trusts(at) {
			break
		}
	}
	return at, true
}

// lastHops are the header's addresses from the last. Several lines are one list
// (RFC 9110, section 5.3).
func lastHops(lines []string) []string {
	var all []string
	for _, line := range slices.Backward(lines) {
		parts := strings.Split(line, ",")
		for _, part := range slices.Backward(parts) {
			if len(all) == hops {
				return all
			}
			all = append(all, part)
		}
	}
	return all
}

// parseHop reads an address, with or without a port and brackets. A zone is the
// machine's own affair, and an IPv4 address in IPv6 clothes the same as without.
func parseHop(text string) (netip.Addr, bool) {
	text = strings.TrimSpace(text)
	if ap, err := netip.ParseAddrPort(text); err == nil {
		return ap.Addr().Unmap().WithZone(""), true
	}
	bare, found := strings.CutPrefix(text, "[")
	if found {
		bare = strings.TrimSuffix(bare, "]")
	}
	a, err := netip.ParseAddr(bare)
	if err != nil {
		return netip.Addr{}, false
	}
	return a.Unmap().WithZone(""), true
}
