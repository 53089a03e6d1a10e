package provider

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
)

// Reach says which addresses may be called on the word of somebody who is not
// the operator: a base URL that a user or an account has stored with a key. Only
// what all the world may call, over https, and besides what the operator allows
// by name. What the operator's own configuration or the local owner's environment
// says is not asked here.
//
// A base URL is looked at twice: when it is stored, by CheckURL, which is cheap and
// asks nobody; and whenever a connection is made, on the very address that is
// dialled (upstream.NewGuarded), because a name may lead anywhere by then.
//
// A nil Reach allows nothing by name. It is safe for concurrent use.
type Reach struct {
	anything bool
	hosts    map[string]bool // in their one form, with a port or without
	networks []netip.Prefix
}

// NewReach returns what is within reach where the operator allows the given
// hosts (ollama.internal, or ollama.internal:11434 for that port alone), addresses
// (10.20.0.7, or 127.0.0.1:11434 and [::1]:11434 for a port) and networks
// (10.20.0.0/16) though they are private, or speak http. An address without a port
// is allowed under every name that leads to it; with one, where a base URL names it.
// Everything is allowed, where a star is among them: whoever stores keys is the
// operator. The error names what is wrong.
func NewReach(allowed []string) (*Reach, error) {
	r := &Reach{hosts: map[string]bool{}}
	for _, written := range allowed {
		if err := r.allow(strings.ToLower(strings.TrimSpace(written))); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Reach) allow(written string) error {
	if written == "*" {
		r.anything = true
		return nil
	}
	if network, err := netip.ParsePrefix(written); err == nil {
		r.networks = append(r.networks, network.Masked())
		return nil
	}
	if at, err := netip.ParseAddr(strings.Trim(written, "[]")); err == nil && at.Zone() == "" {
		at = at.Unmap()
		r.networks = append(r.networks, netip.PrefixFrom(at, at.BitLen()))
		return nil
	}
	host, port, err := net.SplitHostPort(written)
	if err != nil {
		host, port = written, ""
	}
	host, literal := oneForm(host)
	if !literal && !hostName(host) || !goodPort(port) || strings.HasSuffix(written, ":") {
		return fmt.Errorf("%.100q is no host, address or network such as ollama.internal:11434, 127.0.0.1:11434 or 10.20.0.0/16", written)
	}
	r.hosts[joined(host, port)] = true
	return nil
}

// oneForm is the one way in which a host is written here, and whether it is an
// address; one of a single link is none.
func oneForm(host string) (string, bool) {
	if at, err := netip.ParseAddr(host); err == nil && at.Zone() == "" {
		return at.Unmap().String(), true
	}
	return strings.ToLower(strings.TrimSuffix(host, ".")), false
}

func joined(host, port string) string {
	if port == "" {
		return host
	}
	return net.JoinHostPort(host, port)
}

// Anything reports whether everything may be called.
func (r *Reach) Anything() bool { return r != nil && r.anything }

// Names reports whether the operator allows the host by its name, whatever
// address it has.
func (r *Reach) Names(host, port string) bool {
	if r == nil {
		return false
	}
	host, _ = oneForm(host)
	return r.anything || r.hosts[host] || r.hosts[net.JoinHostPort(host, port)]
}

// Allows reports whether the operator allows the address, by itself or with its
// network.
func (r *Reach) Allows(at netip.Addr) bool {
	if r == nil {
		return false
	}
	at = carried(at)
	for _, network := range r.networks {
		if network.Contains(at) {
			return true
		}
	}
	return false
}

// Addr reports whether the address may be dialled: it is public, or the operator
// allows it. An address that carries an IPv4 one (mapped into IPv6, or translated
// by NAT64) is as good as that one.
func (r *Reach) Addr(at netip.Addr) bool {
	if at.Zone() != "" {
		return false // a link's own
	}
	return r.Allows(at) || public(carried(at))
}

// CheckURL reports why a base URL cannot be stored by somebody who is not the
// operator; nil: it can. It asks nobody, so that what a name leads to is not
// looked at here. The fault, Invalid, does not repeat the URL, in which there may
// be a password.
func (r *Reach) CheckURL(base string) error {
	u, err := url.Parse(base)
	if err != nil {
		return badBase("is no web address such as https://host/path")
	}
	if u.RawQuery != "" || u.ForceQuery || u.Fragment != "" || strings.HasSuffix(base, "#") {
		return badBase("holds more than a scheme, a host and a path: leave out what follows them")
	}
	return r.Check(u)
}

// Check is CheckURL for the URL of a call, which may have a query.
func (r *Reach) Check(u *url.URL) error {
	host, port := strings.TrimSuffix(u.Hostname(), "."), u.Port()
	switch {
	case u.Scheme != "https" && u.Scheme != "http" || u.Opaque != "" || host == "":
		return badBase("is no web address such as https://host/path")
	case u.User != nil:
		return badBase("holds a user's name or a password: the key belongs into its own field")
	case !goodPort(port) || strings.HasSuffix(u.Host, ":"):
		return badBase("has a port that is no number from 1 to 65535")
	}
	at, err := netip.ParseAddr(host)
	switch literal := err == nil; {
	case !literal && !hostName(host):
		return badBase("names its host in a way that is not taken: write a name in ASCII, or a whole IP address")
	case r.Names(host, port), literal && r.Allows(at):
		return nil
	case literal && !r.Addr(at), !literal && local(host):
		return badBase("leads to this machine or into a private network, which the server's operator has not allowed")
	case u.Scheme != "https":
		return badBase("must begin with https://: over http anybody between could read the key")
	}
	return nil
}

func badBase(why string) error {
	return fault.Field("base_url", "The base URL %s.", why)
}

// local reports whether a name is this machine's by its own meaning (RFC 6761,
// section 6.3).
func local(host string) bool {
	host = strings.ToLower(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// hostName reports whether a name is one of the DNS, and nothing that a resolver
// might take for an address: a name whose last part is a number is one to many of
// them (2130706433, 0x7f.1, 127.1, 0177.0.0.1).
func hostName(host string) bool {
	if host == "" || len(host) > 253 {
		return false
	}
	labels := strings.Split(host, ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, notInName) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return !numeric(last)
}

func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}

// numeric reports whether a label is a number, in any base.
func numeric(label string) bool {
	label = strings.ToLower(label)
	digits := "0123456789"
	if hex, ok := strings.CutPrefix(label, "0x"); ok {
		label, digits = hex, digits+"abcdef"
	}
	return strings.Trim(label, digits) == ""
}
