package provider

import "net/netip"

// closed are the ranges of IPv4 that are no part of the public internet: IANA's
// registry of special-purpose addresses, multicast, what is reserved, and the
// address at which Azure's machines find their own host, which is public by
// number alone.
var closed = prefixes(
	"0.0.0.0/8",        // this network (RFC 791)
	"10.0.0.0/8",       // private (RFC 1918)
	"100.64.0.0/10",    // carriers' NAT (RFC 6598), and Alibaba's metadata
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's WireServer
	"169.254.0.0/16",   // link-local, and most clouds' metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments (RFC 6890), and Oracle's metadata
	"192.0.2.0/24",     // documentation
	"192.31.196.0/24",  // AS112
	"192.52.193.0/24",  // AMT relays
	"192.88.99.0/24",   // 6to4 relays, withdrawn
	"192.168.0.0/16",   // private
	"192.175.48.0/24",  // AS112
	"198.18.0.0/15",    // benchmarks
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
)

// global is all of IPv6 that has been given out to the public (RFC 4291, section
// 2.4): loopback, link-local, unique local, multicast and the like are outside.
// Within it closed6 are special.
var (
	global  = netip.MustParsePrefix("2000::/3")
	closed6 = prefixes(
		"2001::/23",         // protocol assignments: Teredo, ORCHID, benchmarks
		"2001:db8::/32",     // documentation
		"2002::/16",         // 6to4, withdrawn: carries an IPv4 address
		"2620:4f:8000::/48", // AS112
		"3fff::/20",         // documentation
	)
)

// nat64 is how translators write IPv4 addresses where a network has IPv6 alone
// (RFC 6052, section 2.1). Prefixes of a network's own cannot be known.
var nat64 = netip.MustParsePrefix("64:ff9b::/96")

func prefixes(written ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(written))
	for i, w := range written {
		all[i] = netip.MustParsePrefix(w)
	}
	return all
}

// carried is the IPv4 address that an IPv6 one stands for, or the address itself.
func carried(at netip.Addr) netip.Addr {
	at = at.Unmap()
	if nat64.Contains(at) {
		b := at.As16()
		return netip.AddrFrom4([4]byte(b[12:]))
	}
	return at
}

// public reports whether an address belongs to the public internet.
func public(at netip.Addr) bool {
	if at.Is4() {
		return !within(closed, at)
	}
	return global.Contains(at) && !within(closed6, at)
}

func within(ranges []netip.Prefix, at netip.Addr) bool {
	for _, r := range ranges {
		if r.Contains(at) {
			return true
		}
	}
	return false
}
