package provider_test

import (
	"net/netip"
	"strconv"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

func reach(t *testing.T, allowed ...string) *provider.Reach {
	t.Helper()
	r, err := provider.NewReach(allowed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestAddressesOutOfReach(t *testing.T) {
	t.Parallel()
	r := reach(t)
	for why, addresses := range map[string]string{
		"unspecified":       "0.0.0.0 0.1.2.3 ::",
		"loopback":          "127.0.0.1 127.255.255.254 ::1",
		"private":           "10.0.0.1 10.255.255.255 172.16.0.1 172.31.255.255 192.168.0.1 192.168.255.255",
		"carriers' NAT":     "100.64.0.1 100.127.255.255",
		"link-local":        "169.254.0.1 fe80::1 fe80::1%eth0 febf::1",
		"site-local":        "fec0::1",
		"unique local":      "fc00::1 fdff::1",
		"metadata":          "169.254.169.254 169.254.170.2 100.100.100.200 192.0.0.192 168.63.129.16 fd00:ec2::254 fd20:ce::254",
		"multicast":         "224.0.0.1 239.255.255.255 ff02::1 ff0e::1",
		"reserved":          "240.0.0.1 255.255.255.255 5f00::1 100::1 4000::1 ::7f00:1",
		"documentation":     "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1",
		"benchmarks":        "198.18.0.1 198.19.255.255 2001:2::1",
		"relays, AS112":     "192.88.99.1 192.31.196.1 192.52.193.1 192.175.48.1 2620:4f:8000::1",
		"mapped into IPv6":  "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:7f00:1",
		"NAT64":             "64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1",
		"6to4 and Teredo":   "2002:7f00:1:: 2002:808:808:: 2001:0:4136:e378:8000:63bf:3fff:fdd2",
		"a link of its own": "2606:4700::1%eth0",
	} {
		for a := range strings.FieldsSeq(addresses) {
			if r.Addr(netip.MustParseAddr(a)) {
				t.Errorf("%s: %s can be reached", why, a)
			}
		}
	}
	if r.Addr(netip.Addr{}) {
		t.Error("no address can be reached")
	}
}

func TestAddressesWithinReach(t *testing.T) {
	t.Parallel()
	for _, a := range []string{
		"8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "126.255.255.255", "128.0.0.1",
		"169.253.255.255", "172.15.255.255", "172.32.0.1", "192.167.255.255", "198.17.255.255", "198.20.0.1", "223.255.255.255",
		"::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2606:4700::1111", "2a00:1450::1", "2001:4860:4860::8888",
	} {
		for name, r := range map[string]*provider.Reach{"nothing allowed": reach(t), "nil": nil} {
			if !r.Addr(netip.MustParseAddr(a)) {
				t.Errorf("%s: %s cannot be reached", name, a)
			}
		}
	}
}

func TestWhatTheOperatorAllowsIsWithinReach(t *testing.T) {
	t.Parallel()
	r := reach(t, "10.20.0.0/16", "192.168.1.7", " [::1] ", "Ollama.internal", "gpu.internal:11434", "127.0.0.1:9911", "[::1]:9911", "[::FFFF:10.1.1.1]:80")
	for a, want := range map[string]bool{
		"10.20.255.1": true, "::ffff:10.20.0.1": true, "64:ff9b::10.20.0.1": true, "10.21.0.1": false,
		"192.168.1.7": true, "192.168.1.8": false, "::1": true, "127.0.0.1": false,
	} {
		if got := r.Addr(netip.MustParseAddr(a)); got != want {
			t.Errorf("%s: %v, want %v", a, got, want)
		}
	}
	for hostPort, want := range map[[2]string]bool{
		{"ollama.internal", "80"}: true, {"OLLAMA.INTERNAL.", "11434"}: true, {"x.ollama.internal", "80"}: false,
		{"gpu.internal", "11434"}: true, {"gpu.internal", "22"}: false, {"gpu.internal", ""}: false,
		{"127.0.0.1", "9911"}: true, {"127.0.0.1", "9912"}: false, {"127.0.0.1", ""}: false, {"::ffff:127.0.0.1", "9911"}: true,
		{"0:0:0:0:0:0:0:1", "9911"}: true, {"::1%eth0", "9911"}: false, {"10.1.1.1", "80"}: true, {"10.1.1.1", "81"}: false,
	} {
		if got := r.Names(hostPort[0], hostPort[1]); got != want {
			t.Errorf("%s: %v, want %v", hostPort, got, want)
		}
	}
}

func TestEverythingIsWithinReachOfAnOwner(t *testing.T) {
	t.Parallel()
	r := reach(t, "*")
	for _, base := range []string{"http://localhost:11434/v1", "http://gpu.internal", "https://10.0.0.1"} {
		if err := r.CheckURL(base); err != nil || !r.Anything() {
			t.Errorf("%s: %v", base, err)
		}
	}
	if err := r.CheckURL("https://user:word@gpu.internal"); !fault.Is(err, fault.Invalid) {
		t.Errorf("a password: %v", err)
	}
}

func TestWhatCannotBeAllowed(t *testing.T) {
	t.Parallel()
	for _, written := range []string{"", "http://ollama.internal", "*.internal", "a b", "10.0.0.0/33", "host:0", "host:x", "2130706433", "user@host", "/path",
		"127.0.0.1:0", "127.0.0.1:", "[::1]:x", "[fe80::1%eth0]:80", "127.1:80", "::1:70000:"} {
		if _, err := provider.NewReach([]string{written}); err == nil || !strings.Contains(err.Error(), strconv.Quote(written)) {
			t.Errorf("%q: %v", written, err)
		}
	}
}

func TestBaseURLsThatCanBeStored(t *testing.T) {
	t.Parallel()
	r := reach(t, "localhost:11434", "ollama.internal", "10.20.0.0/16", "127.0.0.1:9911")
	for _, base := range []string{
		"https://api.example.com", "https://api.example.com/v1", "https://api.example.com:8443/v1", "https://API.Example.com.",
		"https://8.8.8.8", "https://[2606:4700::1111]:8443/v1", "https://xn--bcher-kva.example", "https://my_host.example", "https://3com.example",
		"http://localhost:11434/v1", "http://127.0.0.1:9911/v1", "http://ollama.internal/v1", "https://ollama.internal:1234", "http://10.20.1.2:8000", "http://[::ffff:10.20.1.2]:8000",
	} {
		if err := r.CheckURL(base); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}
}

func TestBaseURLsThatCannotBeStored(t *testing.T) {
	t.Parallel()
	r := reach(t, "gpu.internal:11434")
	for why, urls := range map[string][]string{
		"no web address": {"", "api.example.com", "//api.example.com", "https://", "https:///v1", "https:api.example.com", "ftp://api.example.com",
			"file:///etc/passwd", "unix:///run/docker.sock", "http+unix://%2Frun%2Fdocker.sock", "gopher://api.example.com", "javascript:alert(1)",
			"https://api.example.com%00.evil.example", "https://a b.example", "https://[::1", "\x00https://api.example.com"},
		"http":               {"http://api.example.com", "HTTP://8.8.8.8", "http://[2606:4700::1111]", "http://gpu.internal:22"},
		"a user":             {"https://user@api.example.com", "https://user:word@api.example.com", "https://:@api.example.com", "https://api.example.com@127.0.0.1"},
		"a query":            {"https://api.example.com?x=1", "https://api.example.com/v1?", "https://api.example.com#x", "https://api.example.com/v1#"},
		"a port":             {"https://api.example.com:0", "https://api.example.com:65536", "https://api.example.com:", "https://api.example.com:-1"},
		"this machine":       {"https://localhost", "https://LOCALHOST:8443", "https://localhost.", "https://x.localhost", "https://127.0.0.1", "https://127.0.0.1.", "https://[::1]", "https://0.0.0.0", "https://[::]"},
		"a private network":  {"https://10.0.0.1", "https://192.168.0.1:8443", "https://172.16.0.1", "https://100.64.0.1", "https://[fd00::1]"},
		"link-local":         {"https://169.254.169.254/latest/meta-data", "https://[fe80::1]", "https://[fe80::1%25eth0]"},
		"carried by IPv6":    {"https://[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]", "https://[::127.0.0.1]", "https://[64:ff9b::7f00:1]", "https://[2002:7f00:1::]"},
		"a number":           {"https://2130706433", "https://0x7f000001", "https://017700000001", "https://0177.0.0.1", "https://0x7f.0.0.1", "https://127.1", "https://127.0.1", "https://127.0.0.1.0", "https://api.example.0x7f", "https://0x"},
		"no ASCII":           {"https://ⅼocalhost", "https://①②⑦.0.0.1", "https://127。0。0。1", "https://bücher.example"},
		"no name of the DNS": {"https://a..b", "https://.example", "https://*.example", "https://" + strings.Repeat("a", 64) + ".example"},
	} {
		for _, u := range urls {
			err := r.CheckURL(u)
			if !fault.Is(err, fault.Invalid) || fault.Of(err).Subject != "base_url" {
				t.Errorf("%s: %q: %v, want Invalid", why, u, err)
			} else if strings.Contains(err.Error(), "user:word") {
				t.Errorf("%s: %q is repeated: %v", why, u, err)
			}
		}
	}
}
