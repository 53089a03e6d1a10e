package detach_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/detach"
)

// said is what the streams of these tests say, and "last" after the end.
var said = []string{"one", "two", strings.Repeat("long", 40_000)}

// place is a server whose /stream is told by a goroutine of its own, in the way
// of tell; everything else answers with its path and the mark of the listener.
type place struct {
	net.Listener
	server *http.Server
	ended  chan error // gets Serve's
}

type markKey struct{}

func open(t *testing.T, network string, tell func(*detach.Answer), change ...func(*http.Server)) *place {
	t.Helper()
	at := "127.0.0.1:0"
	if network == "unix" {
		at = filepath.Join(t.TempDir(), "s")
	}
	l, err := net.Listen(network, at)
	if err != nil {
		t.Fatal(err)
	}
	p := &place{Listener: l, ended: make(chan error, 1)}
	p.server = &http.Server{
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.Background(), markKey{}, "marked")
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/stream" {
				_, _ = fmt.Fprint(w, r.URL.Path, " ", r.Context().Value(markKey{}))
				return
			}
			w.Header().Set("X-Ours", "yes")
			a, err := detach.Take(w, r)
			if err != nil {
				_, _ = io.WriteString(w, "attached")
				return
			}
			go tell(a)
		}),
	}
	for _, f := range change {
		f(p.server)
	}
	go func() { p.ended <- detach.Serve(p.server, l) }()
	t.Cleanup(func() { _ = p.server.Close() })
	return p
}

// dial connects and sends text.
func (p *place) dial(t *testing.T, text string) *talk {
	t.Helper()
	c, err := net.Dial(p.Addr().Network(), p.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	k := &talk{t: t, Conn: c, in: bufio.NewReader(c)}
	k.send(text)
	return k
}

// talk is one connection.
type talk struct {
	t *testing.T
	net.Conn
	in *bufio.Reader
}

func (k *talk) send(text string) {
	k.t.Helper()
	if _, err := io.WriteString(k, text); err != nil {
		k.t.Fatal(err)
	}
}

// hear reads one answer and its body; err is the body's.
func (k *talk) hear() (resp *http.Response, body string, err error) {
	k.t.Helper()
	resp, err = http.ReadResponse(k.in, nil)
	if err != nil {
		k.t.Fatal(err)
	}
	raw, err := io.ReadAll(resp.Body)
	return resp, string(raw), err
}

// gone waits until the other side has closed.
func (k *talk) gone() {
	k.t.Helper()
	if n, err := k.in.Read(make([]byte, 1)); n > 0 || err == nil {
		k.t.Error("the connection is open")
	}
}

func request(path string, headers ...string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

func tellAll(a *detach.Answer) {
	for _, s := range said {
		_, _ = a.Write([]byte(s))
	}
	_, _ = a.Write(nil) // not the end
	a.End()
}

// A connection serves on after a detached answer, as whose it is, whenever the
// next request comes.
func TestServedAgain(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp", "unix"} {
		for _, tc := range []struct {
			name string
			ask  func(k *talk, path string)
		}{
			{"one after the other", func(k *talk, path string) { k.send(request(path)) }},
			{"byte by byte", func(k *talk, path string) {
				for _, b := range request(path) {
					k.send(string(b))
				}
			}},
		} {
			t.Run(network+" "+tc.name, func(t *testing.T) {
				t.Parallel()
				k := open(t, network, tellAll).dial(t, "")
				for i := range 3 {
					tc.ask(k, "/stream")
					resp, body, err := k.hear()
					if err != nil || body != strings.Join(said, "") || resp.Close || resp.Header.Get("X-Ours") != "yes" || resp.Header.Get("Date") == "" {
						t.Fatalf("stream %d: %d bytes, %+v, %v", i, len(body), resp, err)
					}
					path := fmt.Sprint("/", i)
					tc.ask(k, path)
					if _, body, err := k.hear(); err != nil || body != path+" marked" {
						t.Fatalf("%q, %v", body, err)
					}
				}
			})
		}
	}
}

// Requests that come before the answers are answered in their order.
func TestPipelined(t *testing.T) {
	t.Parallel()
	k := open(t, "tcp", tellAll).dial(t, request("/stream")+request("/a")+request("/stream")+request("/b"))
	for _, want := range []string{strings.Join(said, ""), "/a marked", strings.Join(said, ""), "/b marked"} {
		if _, body, err := k.hear(); err != nil || body != want {
			t.Fatalf("%d bytes, want %d: %v", len(body), len(want), err)
		}
	}
}

func TestCloseIsAsked(t *testing.T) {
	t.Parallel()
	k := open(t, "tcp", tellAll).dial(t, request("/stream", "Connection: close"))
	if resp, body, err := k.hear(); err != nil || !resp.Close || body != strings.Join(said, "") {
		t.Errorf("%d bytes, %+v, %v", len(body), resp, err)
	}
	k.gone()
}

// A server that knows nothing of this closes the connection.
func TestAnotherServer(t *testing.T) {
	t.Parallel()
	p := open(t, "tcp", tellAll)
	other := httptest.NewServer(p.server.Handler)
	t.Cleanup(other.Close)
	p.Listener = other.Listener
	k := p.dial(t, request("/stream"))
	if resp, body, err := k.hear(); err != nil || !resp.Close || body != strings.Join(said, "") {
		t.Errorf("%d bytes, %+v, %v", len(body), resp, err)
	}
	k.gone()
}

// Where a connection is not to be had the handler answers as ever.
func TestAttached(t *testing.T) {
	t.Parallel()
	p := open(t, "tcp", tellAll)
	for name, text := range map[string]string{
		"HTTP/1.0":       "GET /stream HTTP/1.0\r\n\r\n",
		"an unread body": request("/stream", "Content-Length: 3") + "abc",
	} {
		resp, body, err := p.dial(t, text).hear()
		if err != nil || body != "attached" || len(resp.TransferEncoding) > 0 {
			t.Errorf("%s: %q, %+v, %v", name, body, resp, err)
		}
	}
	recorder := httptest.NewRecorder()
	p.server.Handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/stream", nil))
	if got := recorder.Body.String(); got != "attached" {
		t.Errorf("%q", got)
	}
}

// What breaks off does not look whole, and a write that waits fails.
func TestCut(t *testing.T) {
	t.Parallel()
	failed := make(chan struct{})
	k := open(t, "tcp", func(a *detach.Answer) {
		defer close(failed)
		time.AfterFunc(10*time.Millisecond, a.Cut)
		for big := make([]byte, 1<<20); ; {
			if _, err := a.Write(big); err != nil {
				return
			}
		}
	}).dial(t, request("/stream"))
	<-failed                      // nobody has read anything
	rest, _ := io.ReadAll(k.Conn) // perhaps a reset instead of what was sent
	if strings.HasSuffix(string(rest), "0\r\n\r\n") {
		t.Errorf("%d bytes look whole", len(rest))
	}
}

// What is offered to a connection that takes no more is kept and sent by Flush, or
// before what is written next; all of it arrives, once and in order.
func TestOffer(t *testing.T) {
	t.Parallel()
	for _, network := range []string{"tcp", "unix"} {
		t.Run(network, func(t *testing.T) {
			t.Parallel()
			full, read := make(chan struct{}), make(chan struct{})
			var want strings.Builder
			k := open(t, network, func(a *detach.Answer) {
				offer := func() bool {
					piece := strings.Repeat(string(rune('a'+want.Len()%26)), 100_000)
					want.WriteString(piece)
					taken, err := a.Offer([]byte(piece), false)
					if err != nil {
						t.Error(err)
					}
					return taken
				}
				if taken, err := a.Offer(nil, false); !taken || err != nil { // not the end
					t.Error(taken, err)
				}
				for offer() {
				}
				close(full) // nobody has waited for the reader
				<-read
				if err := a.Flush(); err != nil {
					t.Error(err)
				}
				offerSome := func() {
					for range 10 {
						if !offer() { // it is not read as fast
							return
						}
					}
				}
				offerSome()
				want.WriteString("written")
				_, _ = a.Write([]byte("written"))
				offerSome()
				want.WriteString("last")
				if err := a.Flush(); err != nil {
					t.Error(err)
				}
				if _, err := a.Offer([]byte("last"), true); err != nil {
					t.Error(err)
				}
				a.End()
			}).dial(t, request("/stream"))
			<-full
			close(read)
			if _, body, err := k.hear(); err != nil || body != want.String() {
				t.Errorf("%d bytes of %d, %v", len(body), want.Len(), err)
			}
			k.send(request("/again"))
			if _, body, err := k.hear(); err != nil || body != "/again marked" {
				t.Errorf("%q, %v", body, err)
			}
		})
	}
}

func TestOfferToACut(t *testing.T) {
	t.Parallel()
	failed := make(chan error, 1)
	k := open(t, "tcp", func(a *detach.Answer) {
		a.Cut()
		_, err := a.Offer([]byte("part"), false)
		failed <- err
		a.Cut()
	}).dial(t, request("/stream"))
	if err := <-failed; !errors.Is(err, net.ErrClosed) {
		t.Error(err)
	}
	k.gone()
}

// An end that cannot be sent closes the connection.
func TestEndOfACut(t *testing.T) {
	t.Parallel()
	k := open(t, "tcp", func(a *detach.Answer) {
		_, _ = a.Write([]byte("part"))
		a.Cut()
		a.End()
	}).dial(t, request("/stream"))
	if _, _, err := k.hear(); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

// A connection that waits ends with the server's patience, or with the server.
func TestWaitingEnds(t *testing.T) {
	t.Parallel()
	t.Run("idle", func(t *testing.T) {
		t.Parallel()
		k := open(t, "tcp", tellAll, func(s *http.Server) { s.IdleTimeout = 20 * time.Millisecond }).dial(t, request("/stream"))
		_, _, _ = k.hear()
		k.gone()
	})
	t.Run("shutdown", func(t *testing.T) {
		t.Parallel()
		p := open(t, "tcp", tellAll)
		k := p.dial(t, request("/stream"))
		_, _, _ = k.hear()
		if err := p.server.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		k.gone()
		if err := <-p.ended; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	t.Run("answered after the shutdown", func(t *testing.T) {
		t.Parallel()
		begun, shut := make(chan struct{}), make(chan struct{})
		p := open(t, "tcp", func(a *detach.Answer) { close(begun); <-shut; tellAll(a) })
		k := p.dial(t, request("/stream"))
		<-begun
		if err := p.server.Shutdown(t.Context()); err != nil { // it does not wait for what is detached
			t.Error(err)
		}
		close(shut)
		if _, body, err := k.hear(); err != nil || body != strings.Join(said, "") {
			t.Errorf("%d bytes, %v", len(body), err)
		}
		k.gone()
	})
}

// A client that is refused while it sends hears so.
func TestHalfClosing(t *testing.T) {
	t.Parallel()
	p := open(t, "tcp", tellAll)
	k := p.dial(t, request("/x", "Long: "+strings.Repeat("x", 2<<20)))
	if resp, _, _ := k.hear(); resp.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("%+v", resp)
	}
}
