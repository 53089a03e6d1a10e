package local

import (
	"cmp"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/client/wire"
)

// BaseURL is the address to give a client.Client together with a Transport. Its
// host means nothing: the way is the socket.
const BaseURL = "http://localhost"

// Options say where the local server is and how it is started.
type Options struct {
	// Dirs are the folders; where they are empty, the user's.
	Dirs config.Dirs

	// Command is the server's program and its first arguments; empty is
	// "aichat-server local", found as the package says.
	Command []string

	// Version is this program's version; empty is version.String().
	Version string

	// StartTimeout limits the start of a server, and the waiting for another
	// process that starts one; zero is 10 seconds.
	StartTimeout time.Duration

	Logger *slog.Logger // nil: silent
}

// Transport carries requests to the local server, and starts it where it does
// not run, or no longer runs. It is safe for concurrent use. It starts nothing
// before the first request.
type Transport struct {
	paths        Paths
	commandLine  []string
	version      string
	startTimeout time.Duration
	log          *slog.Logger

	starting *http.Transport // starts a server if need be
	visiting *http.Transport // does not

	serverVersion atomic.Pointer[string] // as last heard

	mu       sync.Mutex
	children []int // servers that we started
}

// New returns a Transport. It connects to nothing yet.
func New(o Options) (*Transport, error) {
	if o.Dirs == (config.Dirs{}) {
		dirs, err := config.UserDirs()
		if err != nil {
			return nil, err
		}
		o.Dirs = dirs
	}
	paths, err := NewPaths(o.Dirs)
	if err != nil {
		return nil, err
	}
	t := &Transport{
		paths:        paths,
		commandLine:  o.Command,
		version:      o.Version,
		startTimeout: cmp.Or(o.StartTimeout, 10*time.Second),
		log:          o.Logger,
	}
	if t.version == "" {
		t.version = version.String()
	}
	if t.log == nil {
		t.log = slog.New(slog.DiscardHandler)
	}
	t.starting = carrier(t.connect)
	t.visiting = carrier(t.dial)
	t.visiting.DisableKeepAlives = true
	return t, nil
}

// carrier is a plain HTTP/1.1 transport over what connect connects.
func carrier(connect func(context.Context) (net.Conn, error)) *http.Transport {
	return &http.Transport{
		DialContext:         func(ctx context.Context, _, _ string) (net.Conn, error) { return connect(ctx) },
		DisableCompression:  true, // on one machine it only costs
		MaxIdleConnsPerHost: 4,
		IdleConnTimeout:     time.Minute,
	}
}

// Local tells client that this leads to the local server.
func (t *Transport) Local() bool { return true }

// Paths are the server's files.
func (t *Transport) Paths() Paths { return t.paths }

// RoundTrip implements http.RoundTripper. A request that met a server just as it
// ended is repeated, whatever its method: every request of our API may be.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := t.starting.RoundTrip(req)
	for try := 1; err != nil && try <= maxRepeats && cutOff(err) && sleep(req.Context(), repeatPause); try++ {
		again, ok := repeat(req)
		if !ok {
			break
		}
		resp, err = t.starting.RoundTrip(again)
	}
	t.hear(resp)
	if err == nil && t.tooOld() {
		return t.anew(req, resp)
	}
	return resp, err
}

// anew repeats a request that was answered by a server which is too old, once
// that is replaced: it ends its turns first.
func (t *Transport) anew(req *http.Request, old *http.Response) (*http.Response, error) {
	again, ok := repeat(req)
	if !ok {
		return old, nil // which the client refuses
	}
	_ = old.Body.Close()
	if err := t.replace(req.Context(), nil); err != nil {
		return nil, err
	}
	resp, err := t.starting.RoundTrip(again)
	t.hear(resp)
	return resp, err
}

// How often a request that was cut off is repeated, and after what pause.
const (
	maxRepeats  = 4
	repeatPause = 20 * time.Millisecond
)

// cutOff reports whether the other end went away before it answered.
func cutOff(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// repeat is the request with its body from the start; not ok where that cannot
// be had.
func repeat(req *http.Request) (*http.Request, bool) {
	if req.Body == nil || req.Body == http.NoBody {
		return req, true
	}
	if req.GetBody == nil {
		return nil, false
	}
	body, err := req.GetBody()
	if err != nil {
		return nil, false
	}
	again := req.Clone(req.Context())
	again.Body = body
	return again, true
}

// sleep waits for d, or until ctx ends: then it returns false.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// CloseIdleConnections closes the connections that are idle.
func (t *Transport) CloseIdleConnections() {
	t.starting.CloseIdleConnections()
	t.visiting.CloseIdleConnections()
}

// Running reports whether a server listens. It starts none.
func (t *Transport) Running(ctx context.Context) bool {
	conn, err := t.dial(ctx)
	if err != nil {
		return false
	}
	_ = conn.Close()
	return true
}

// hear notes the version of the server that answered.
func (t *Transport) hear(resp *http.Response) {
	if resp == nil {
		return
	}
	if v := resp.Header.Get(wire.HeaderVersion); v != "" {
		t.serverVersion.Store(&v)
	}
}

// connect connects to the server, and starts it if nobody listens.
func (t *Transport) connect(ctx context.Context) (net.Conn, error) {
	conn, err := t.dial(ctx)
	if err == nil || !absent(err) {
		return conn, err
	}
	return t.start(ctx)
}

// dial connects to the server that listens, wherever it does. Where nobody
// listens, the error is absent.
func (t *Transport) dial(ctx context.Context) (net.Conn, error) {
	conn, err := dialSocket(ctx, t.paths.Socket)
	if err == nil || !absent(err) {
		return conn, err
	}
	for _, other := range t.paths.Also {
		if conn, err := dialSocket(ctx, other); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// dialSocket connects to one socket, which is in a folder that only we enter,
// and behind which we ourselves are.
func dialSocket(ctx context.Context, path string) (net.Conn, error) {
	if err := checkPrivate(filepath.Dir(path)); err != nil {
		return nil, err
	}
	conn, err := dialPatiently(ctx, path)
	if err != nil {
		return nil, err
	}
	if err := checkPeer(conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// dialTimeout is for a server that is there and does not come to accept.
const dialTimeout = 5 * time.Second

// dialPatiently tries again where the server is there but has not come round to
// accepting those who came before.
func dialPatiently(ctx context.Context, path string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	var dialer net.Dialer
	for {
		conn, err := dialer.DialContext(ctx, "unix", path)
		if err == nil || !crowded(err) {
			return conn, err
		}
		if !sleep(ctx, lockPoll) {
			return nil, err
		}
	}
}

// adopt remembers a server that we started, and clears away those that ended.
func (t *Transport) adopt(pid int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, child := range t.children {
		reap(child)
	}
	t.children = append(t.children, pid)
}
