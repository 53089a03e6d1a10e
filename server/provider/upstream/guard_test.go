package upstream_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/upstream"
)

// names is a resolver in memory: each lookup of a name's IPv4 addresses takes the
// next line of answers, the last one for ever. It has no IPv6 addresses.
func names(t *testing.T, answers ...string) *net.Resolver {
	t.Helper()
	var asked atomic.Int64
	answer := func(query []byte) []byte {
		var m dnsmessage.Message
		if err := m.Unpack(query); err != nil {
			t.Error(err)
			return nil
		}
		m.Response, m.RecursionAvailable = true, true
		m.Additionals = nil
		if q := m.Questions[0]; q.Type == dnsmessage.TypeA {
			line := answers[min(int(asked.Add(1)), len(answers))-1]
			for a := range strings.FieldsSeq(line) {
				m.Answers = append(m.Answers, dnsmessage.Resource{
					Header: dnsmessage.ResourceHeader{Name: q.Name, Type: dnsmessage.TypeA, Class: dnsmessage.ClassINET},
					Body:   &dnsmessage.AResource{A: netip.MustParseAddr(a).As4()},
				})
			}
		}
		packed, err := m.Pack()
		if err != nil {
			t.Error(err)
		}
		return packed
	}
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		ours, theirs := net.Pipe()
		go serveNames(theirs, answer)
		return ours, nil
	}}
}

// serveNames speaks the DNS as over TCP: each message has its length before it.
func serveNames(c net.Conn, answer func([]byte) []byte) {
	defer func() { _ = c.Close() }()
	var length [2]byte
	for {
		if _, err := io.ReadFull(c, length[:]); err != nil {
			return
		}
		query := make([]byte, binary.BigEndian.Uint16(length[:]))
		if _, err := io.ReadFull(c, query); err != nil {
			return
		}
		reply := answer(query)
		if _, err := c.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(reply))), reply...)); err != nil {
			return
		}
	}
}

// nobody is a resolver that must not be asked.
func nobody(t *testing.T) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) {
		t.Error("a name was looked up")
		return nil, errors.New("nobody knows")
	}}
}

func guard(t *testing.T, names *net.Resolver, allowed ...string) http.RoundTripper {
	t.Helper()
	reach, err := provider.NewReach(allowed)
	if err != nil {
		t.Fatal(err)
	}
	return upstream.NewGuarded(upstream.GuardOptions{Reach: reach, Resolver: names})
}

// get asks a guarded endpoint through the guard.
func get(t *testing.T, through http.RoundTripper, url string) error {
	t.Helper()
	c := upstream.New(upstream.Options{Guarded: &http.Client{Transport: through}})
	to := endpoint()
	to.Guarded = true
	header := http.Header{"Authorization": {"Bearer " + to.Key.Reveal()}, "X-Api-Key": {to.Key.Reveal()}}
	var reply any
	return c.Get(t.Context(), to, url, header, &reply)
}

// secured is a server behind TLS, as example.com, and how often it was asked.
func secured(t *testing.T, h http.HandlerFunc) (s *httptest.Server, port string, asked *atomic.Int64) {
	t.Helper()
	asked = &atomic.Int64{}
	s = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		h(w, r)
	}))
	t.Cleanup(s.Close)
	_, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return s, port, asked
}

func trust(through http.RoundTripper, s *httptest.Server) http.RoundTripper {
	upstream.Trust(through, s.Client().Transport.(*http.Transport).TLSClientConfig)
	return through
}

// ledInside reports whether a call was stopped at the address of a name, which only
// the log is told.
func ledInside(err error) bool {
	return fault.Is(err, fault.ProviderUnreachable) && errors.Is(err, upstream.ErrLeadsInside)
}

// Whoever stores an address learns nothing of names from what is answered: one that
// leads inside, one that is none, and one where nobody listens look alike.
func TestNamesAreNotTold(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	_, port, err := net.SplitHostPort(gone.Listener.Addr().String())
	gone.Close()
	if err != nil {
		t.Fatal(err)
	}
	url := "https://example.com:" + port
	inside, none, refused := get(t, guard(t, names(t, "10.0.0.1")), url), get(t, guard(t, names(t, "")), url), get(t, guard(t, names(t, "127.0.0.1"), "127.0.0.1"), url)
	want := fault.Of(inside)
	if !ledInside(inside) {
		t.Fatalf("%v, want it to lead inside", inside)
	}
	for name, err := range map[string]error{"no such name": none, "refused": refused} {
		if f := fault.Of(err); f.Kind != want.Kind || f.Public() != want.Public() {
			t.Errorf("%s: %v %q, want %v %q", name, f.Kind, f.Public(), want.Kind, want.Public())
		}
		if err.Error() == inside.Error() {
			t.Errorf("%s: the log cannot tell it from one that leads inside: %v", name, err)
		}
	}
}

// The owner of a local server, whose keys may lead anywhere, is told no more than that
// nobody answers.
func TestWhereAllIsWithinReach(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	at := gone.Listener.Addr().String()
	gone.Close()
	err := get(t, guard(t, nil, "*"), gone.URL)
	if f, want := fault.Of(err), "acme cannot be reached at "+at+"."; f.Kind != fault.ProviderUnreachable || f.Public() != want {
		t.Errorf("%v %q, want %q", f.Kind, f.Public(), want)
	}
}

// A connection that was made and broke is no secret: it is not told as an address
// that may lead inside.
func TestAConnectionThatBreaksIsTold(t *testing.T) {
	t.Parallel()
	for name, reset := range map[string]bool{"closed": false, "reset": true} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			if tcp, ok := conn.(*net.TCPConn); ok && reset {
				_ = tcp.SetLinger(0) // so that closing resets it
			}
			_ = conn.Close()
		}))
		t.Cleanup(s.Close)
		err := get(t, guard(t, nil, "127.0.0.1"), s.URL)
		if f := fault.Of(err); f.Kind != fault.ProviderUnreachable || !strings.Contains(f.Public(), "closed the connection") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func empty(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }

// Whatever a name leads to is looked at when it is dialled.
func TestANameThatLeadsInside(t *testing.T) {
	t.Parallel()
	s, port, asked := secured(t, empty)
	for _, at := range []string{"127.0.0.1", "0.0.0.0", "10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "169.254.169.254", "168.63.129.16", "127.0.0.1 10.0.0.1"} {
		if err := get(t, trust(guard(t, names(t, at)), s), "https://example.com:"+port); !ledInside(err) {
			t.Errorf("%s: %v, want it to lead inside", at, err)
		} else if strings.Contains(fault.Of(err).Public(), at) {
			t.Errorf("the address is told: %v", err)
		}
	}
	if n := asked.Load(); n != 0 {
		t.Errorf("the server was asked %d times", n)
	}
}

func TestANameThatIsAllowed(t *testing.T) {
	t.Parallel()
	s, port, _ := secured(t, empty)
	for name, through := range map[string]http.RoundTripper{
		"by its name":              guard(t, names(t, "127.0.0.1"), "example.com"),
		"by its name and port":     guard(t, names(t, "127.0.0.1"), "example.com:"+port),
		"by its address":           guard(t, names(t, "127.0.0.1"), "127.0.0.1"),
		"by its network":           guard(t, names(t, "127.0.0.1"), "127.0.0.0/8"),
		"one address of two":       guard(t, names(t, "10.0.0.1 127.0.0.1"), "127.0.0.1"),
		"written as in IPv6, also": guard(t, names(t, "127.0.0.1"), "::ffff:127.0.0.1"),
	} {
		if err := get(t, trust(through, s), "https://example.com:"+port); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := get(t, trust(guard(t, names(t, "127.0.0.1"), "example.com:1"), s), "https://example.com:"+port); !ledInside(err) {
		t.Errorf("allowed for another port: %v, want it to lead inside", err)
	}
}

// A name is good when its key is stored, and at the first call, and then means
// something else.
func TestANameThatChangesWhatItMeans(t *testing.T) {
	t.Parallel()
	s, port, _ := secured(t, empty)
	through := trust(guard(t, names(t, "127.0.0.1", "127.0.0.2"), "127.0.0.1"), s)
	if err := get(t, through, "https://example.com:"+port); err != nil {
		t.Fatal(err)
	}
	through.(interface{ CloseIdleConnections() }).CloseIdleConnections()
	if err := get(t, through, "https://example.com:"+port); !ledInside(err) {
		t.Errorf("%v, want it to lead inside", err)
	}
}

func TestThisMachinesOwnAddress(t *testing.T) {
	t.Parallel()
	own := func() ([]net.Addr, error) {
		return []net.Addr{&net.IPNet{IP: net.IPv4(8, 8, 8, 8), Mask: net.CIDRMask(24, 32)}}, nil
	}
	unknown := func() ([]net.Addr, error) { return nil, errors.New("not told") }
	for name, o := range map[string]upstream.GuardOptions{
		"own":     {Resolver: names(t, "8.8.8.8"), Own: own},
		"unknown": {Resolver: names(t, "8.8.8.8"), Own: unknown},
	} {
		if err := get(t, upstream.NewGuarded(o), "https://example.com"); !ledInside(err) {
			t.Errorf("%s: %v, want it to lead inside", name, err)
		}
	}
}

// What can be told from the URL is refused without a look at any name.
func TestURLsThatAreNotEvenDialled(t *testing.T) {
	t.Parallel()
	through := guard(t, nobody(t))
	for _, url := range []string{
		"http://example.com", "https://127.0.0.1", "https://[::1]", "https://[::ffff:127.0.0.1]", "https://localhost", "https://localhost.",
		"https://2130706433", "https://0x7f000001", "https://0177.0.0.1", "https://127.1", "https://169.254.169.254", "https://[64:ff9b::7f00:1]",
		"https://u:p@example.com", "ftp://example.com", "unix:///run/docker.sock",
	} {
		if err := get(t, through, url); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: %v, want Forbidden", url, err)
		}
	}
}

func TestNoProxyDialsInOurPlace(t *testing.T) {
	t.Parallel()
	if upstream.Proxied(guard(t, nil)) {
		t.Error("guarded calls go through a proxy, which dials what it likes")
	}
}

// No redirect is followed: neither inside, nor to anybody else with what was meant
// for one.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	other, _, asked := secured(t, empty)
	targets := []string{other.URL, "http://169.254.169.254/latest/meta-data", "/elsewhere"}
	s, port, first := secured(t, func(w http.ResponseWriter, r *http.Request) {
		var status, target int
		if _, err := fmt.Sscanf(r.URL.Path, "/%d/%d", &status, &target); err != nil {
			t.Errorf("%s was asked for", r.URL.Path)
			return
		}
		http.Redirect(w, r, targets[target], status)
	})
	through := trust(guard(t, names(t, "127.0.0.1"), "example.com", "127.0.0.1"), s)
	trusted := upstream.New(upstream.Options{HTTP: s.Client()}) // the operator's own endpoints follow none either
	for _, status := range []int{301, 302, 303, 307, 308} {
		for target, to := range targets {
			var reply any
			path := fmt.Sprintf("/%d/%d", status, target)
			for name, err := range map[string]error{
				"guarded":  get(t, through, "https://example.com:"+port+path),
				"operator": trusted.Get(t.Context(), endpoint(), s.URL+path, http.Header{"X-Api-Key": {"sk-1"}}, &reply),
			} {
				if err == nil || !strings.Contains(fault.Of(err).Public(), "redirect") {
					t.Errorf("%s, %d to %s: %v", name, status, to, err)
				}
			}
		}
	}
	if here, there := first.Load(), asked.Load(); here != 30 || there != 0 {
		t.Errorf("the first was asked %d times, where it led to %d", here, there)
	}
}

// A connection that was made on the operator's word is not handed to anybody else.
func TestConnectionsAreNotShared(t *testing.T) {
	t.Parallel()
	s, _, _ := secured(t, empty)
	c := upstream.New(upstream.Options{HTTP: s.Client(), Guarded: &http.Client{Transport: trust(guard(t, nobody(t)), s)}})
	to := endpoint()
	var reply any
	if err := c.Get(t.Context(), to, s.URL, nil, &reply); err != nil {
		t.Fatal(err)
	}
	to.Guarded = true
	if err := c.Get(t.Context(), to, s.URL, nil, &reply); !fault.Is(err, fault.Forbidden) {
		t.Errorf("%v, want Forbidden", err)
	}
}
