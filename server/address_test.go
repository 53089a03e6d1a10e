package server

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestClientAddress(t *testing.T) {
	t.Parallel()
	p, err := parseProxies([]string{"10.0.0.0/8", "192.0.2.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"no proxy":                    {"203.0.113.9:5000", nil, "203.0.113.9:5000"},
		"a stranger says it is one":   {"203.0.113.9:5000", []string{"198.51.100.7"}, "203.0.113.9:5000"},
		"a proxy that says nothing":   {"10.0.0.1:5000", nil, "10.0.0.1:5000"},
		"a proxy":                     {"10.0.0.1:5000", []string{"198.51.100.7"}, "198.51.100.7:0"},
		"a client's own words before": {"10.0.0.1:5000", []string{"1.2.3.4, 198.51.100.7"}, "198.51.100.7:0"},
		"two headers":                 {"10.0.0.1:5000", []string{"1.2.3.4", "198.51.100.7"}, "198.51.100.7:0"},
		"two proxies":                 {"10.0.0.1:5000", []string{"1.2.3.4, 198.51.100.7, 192.0.2.1"}, "198.51.100.7:0"},
		"proxies only":                {"10.0.0.1:5000", []string{"10.1.1.1, 10.2.2.2"}, "10.1.1.1:0"},
		"nonsense from a client":      {"10.0.0.1:5000", []string{"unknown, 192.0.2.1"}, "192.0.2.1:0"},
		"nonsense from a proxy":       {"10.0.0.1:5000", []string{"198.51.100.7, unknown"}, "10.0.0.1:5000"},
		"with a port":                 {"10.0.0.1:5000", []string{"198.51.100.7:4711"}, "198.51.100.7:0"},
		"IPv6":                        {"[fd00::1]:5000", []string{"2001:db8::1"}, "[2001:db8::1]:0"},
		"IPv6 in brackets":            {"[fd00::1]:5000", []string{"[2001:db8::1]"}, "[2001:db8::1]:0"},
		"IPv4 within IPv6":            {"[::ffff:10.0.0.1]:5000", []string{"::ffff:198.51.100.7"}, "198.51.100.7:0"},
		"a socket":                    {"@", []string{"198.51.100.7"}, "@"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr, r.Header["X-Forwarded-For"] = tc.peer, tc.forwarded
			var got string
			p.tell(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(nil, r)
			if got != tc.want {
				t.Errorf("%s, want %s", got, tc.want)
			}
		})
	}
	for _, text := range []string{"x", "10.0.0.0/33", "10.0.0.0/8/8", ""} {
		if _, err := parseProxies([]string{text}); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
