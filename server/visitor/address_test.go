package visitor_test

import (
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/visitor"
)

// addressBehind is the address that a door behind the proxies sees.
func addressBehind(p visitor.Proxies, r *http.Request) (at string) {
	p.Tell(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { at = visitor.Address(r) })).ServeHTTP(nil, r)
	return at
}

func TestAddress(t *testing.T) {
	t.Parallel()
	behind := []string{"10.0.0.0/8", "fd00::/8", "192.0.2.7"}
	for _, tc := range []struct {
		name      string
		proxies   []string
		from      string
		forwarded []string
		want      string
	}{
		{"nobody is trusted", nil, "10.0.0.1:5", []string{"203.0.113.9"}, "10.0.0.1"},
		{"a stranger's word is nothing", behind, "203.0.113.1:5", []string{"198.51.100.1"}, "203.0.113.1"},
		{"behind a proxy", behind, "10.0.0.1:5", []string{"203.0.113.9"}, "203.0.113.9"},
		{"a stranger wrote the first", behind, "10.0.0.1:5", []string{"198.51.100.1, 203.0.113.9"}, "203.0.113.9"},
		{"behind two proxies", behind, "10.0.0.1:5", []string{"198.51.100.1, 203.0.113.9, 10.2.0.1"}, "203.0.113.9"},
		{"several lines are one list", behind, "10.0.0.1:5", []string{"198.51.100.1", "203.0.113.9", "10.2.0.1"}, "203.0.113.9"},
		{"a proxy itself", behind, "10.0.0.1:5", nil, "10.0.0.1"},
		{"proxies only", behind, "10.0.0.1:5", []string{"10.9.9.9"}, "10.9.9.9"},
		{"no sense", behind, "10.0.0.1:5", []string{"203.0.113.9, unknown"}, "10.0.0.1"},
		{"no sense before an address is not reached", behind, "10.0.0.1:5", []string{"unknown, 203.0.113.9"}, "203.0.113.9"},
		{"an empty element", behind, "10.0.0.1:5", []string{"203.0.113.9,"}, "10.0.0.1"},
		{"a port", behind, "10.0.0.1:5", []string{"203.0.113.9:4711"}, "203.0.113.9"},
		{"IPv6", behind, "[fd00::1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
		{"IPv6 in brackets", behind, "[fd00::1]:5", []string{"[2001:db8::7]"}, "2001:db8::7"},
		{"IPv6 with a port", behind, "[fd00::1]:5", []string{"[2001:db8::7]:80"}, "2001:db8::7"},
		{"IPv4 in IPv6", behind, "[::ffff:10.0.0.1]:5", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"a zone is dropped", nil, "[fe80::1%eth0]:5", nil, "fe80::1"},
		{"a single trusted address", behind, "192.0.2.7:5", []string{"203.0.113.9"}, "203.0.113.9"},
		{"a Unix socket", behind, "@", []string{"203.0.113.9"}, ""},
		{"more hops than there are proxies", behind, "10.0.0.1:5",
			[]string{"203.0.113.9" + strings.Repeat(", 10.0.0.2", 10_000)}, "10.0.0.2"},
	} {
		proxies, err := visitor.ParseProxies(tc.proxies)
		if err != nil {
			t.Fatal(err)
		}
		r := &http.Request{RemoteAddr: tc.from, Header: http.Header{"X-Forwarded-For": tc.forwarded}}
		if got := addressBehind(proxies, r); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestParseProxiesRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "localhost", "10.0.0.0/33", "10.0.0", "*"} {
		if p, err := visitor.ParseProxies([]string{text}); err == nil {
			t.Errorf("%q is taken for %v", text, p)
		}
	}
}

func TestNetwork(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"203.0.113.9":          "203.0.113.9",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1:2::/64",
		"2001:db8:1:2::":       "2001:db8:1:2::/64",
		"":                     "",
		"ann@example.com":      "ann@example.com",
	} {
		if got := visitor.Network(address); got != want {
			t.Errorf("%q counts as %q, want %q", address, got, want)
		}
	}
}

func TestSite(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"203.0.113.9":          "203.0.113.9",
		"2001:db8:1:2:3:4:5:6": "2001:db8:1::/48",
		"2001:db8:1:ffff::":    "2001:db8:1::/48",
		"":                     "",
	} {
		if got := visitor.Site(address); got != want {
			t.Errorf("%q counts as %q, want %q", address, got, want)
		}
	}
}

func FuzzAddress(f *testing.F) {
	for _, text := range []string{"203.0.113.9", "1.2.3.4, 10.0.0.1", "[::1]:5", "fe80::1%lo", ",,,", "unknown"} {
		f.Add(text)
	}
	proxies, err := visitor.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, header string) {
		r := &http.Request{RemoteAddr: "10.0.0.1:80", Header: http.Header{"X-Forwarded-For": {header}}}
		got := addressBehind(proxies, r)
		if a, err := netip.ParseAddr(got); err != nil || a.Zone() != "" || a.Is4In6() || a.String() != got {
			t.Errorf("%q is read as %q", header, got)
		}
	})
}
