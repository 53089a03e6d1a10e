package server

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// proxies are the networks whose word on where a request comes from is taken.
type proxies []netip.Prefix

// parseProxies reads networks (10.0.0.0/8) and single addresses.
func parseProxies(texts []string) (proxies, error) {
	var all proxies
	for _, text := range texts {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			var one netip.Addr
			if one, err = netip.ParseAddr(text); err == nil {
				prefix = netip.PrefixFrom(one, one.BitLen())
			}
		}
		if err != nil {
			return nil, fmt.Errorf("trusted_proxies: %q is neither a network such as 10.0.0.0/8 nor an address", text)
		}
		all = append(all, prefix.Masked())
	}
	return all, nil
}

func (p proxies) trust(a netip.Addr) bool {
	for _, prefix := range p {
		if prefix.Contains(a) {
			return true
		}
	}
	return false
}

// tell lets the doors behind see, as a request's RemoteAddr, the address of the
// client instead of that of a proxy. Without proxies it is next itself.
func (p proxies) tell(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := p.client(r); ok {
			r.RemoteAddr = net.JoinHostPort(client.String(), "0") // its port is the proxy's secret
		}
		next.ServeHTTP(w, r)
	})
}

// client is who stands behind the proxies: the last hop of X-Forwarded-For that
// none of them vouches for by being one itself. Each proxy appends whom it saw,
// so that what a client wrote there stands to the left and is never believed.
func (p proxies) client(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(peer.Addr().Unmap()) {
		return netip.Addr{}, false
	}
	at, known := peer.Addr().Unmap(), false
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0 && p.trust(at); i-- {
		hop, err := parseHop(hops[i])
		if err != nil {
			break // whoever wrote that is the last we know of
		}
		at, known = hop, true
	}
	return at, known
}

// parseHop reads one hop: an address, in practice sometimes with a port.
func parseHop(text string) (netip.Addr, error) {
	text = strings.TrimSpace(text)
	if with, err := netip.ParseAddrPort(text); err == nil {
		return with.Addr().Unmap().WithZone(""), nil
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return a.Unmap().WithZone(""), err
}
