package detach

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// Serve is server.Serve, but for the connections of answers that were detached:
// they are served again. Between two requests they wait for as long as the
// server's IdleTimeout, or for ever; Shutdown and Close close those that wait,
// and know nothing of those that are being answered on.
func Serve(server *http.Server, l net.Listener) error {
	again := &returned{
		addr: l.Addr(), idle: server.IdleTimeout,
		conns: make(chan net.Conn), closed: make(chan struct{}), waiting: map[*conn]struct{}{},
	}
	go func() { _ = server.Serve(again) }() // it ends when the server does
	return server.Serve(listener{l, again})
}

// listener makes connections that know where to return to.
type listener struct {
	net.Listener
	home *returned
}

func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &conn{Conn: c, home: l.home}, nil
}

// conn is a connection of a server whose answers can be detached.
type conn struct {
	net.Conn
	home  *returned
	ahead []byte // is read first
}

// Read implements net.Conn.
func (c *conn) Read(p []byte) (int, error) {
	if len(c.ahead) == 0 {
		return c.Conn.Read(p)
	}
	n := copy(p, c.ahead)
	c.ahead = c.ahead[n:]
	return n, nil
}

// CloseWrite lets net/http end what it says before it stops to listen, so that
// a refusal is heard by a client that is still sending.
func (c *conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// serveAgain waits for the next request and gives the connection back with it.
// The server would wait as well, but with its buffers, and with the shorter
// patience that it has for a connection that is new.
func (c *conn) serveAgain() {
	if len(c.ahead) == 0 && !c.await() || c.SetDeadline(time.Time{}) != nil {
		_ = c.Close()
		return
	}
	select {
	case c.home.conns <- c:
	case <-c.home.closed:
		_ = c.Close()
	}
}

// await waits for the next request's first byte.
func (c *conn) await() bool {
	if !c.home.enter(c) {
		return false
	}
	defer c.home.leave(c)
	var until time.Time
	if c.home.idle > 0 {
		until = time.Now().Add(c.home.idle)
	}
	if c.SetReadDeadline(until) != nil {
		return false
	}
	first := make([]byte, 1)
	n, err := c.Conn.Read(first)
	c.ahead = first[:n]
	return err == nil
}

// returned is a listener to whom connections come back.
type returned struct {
	addr  net.Addr
	idle  time.Duration
	conns chan net.Conn

	mu      sync.Mutex
	closed  chan struct{}
	waiting map[*conn]struct{} // nil: closed
}

// Accept implements net.Listener.
func (r *returned) Accept() (net.Conn, error) {
	select {
	case c := <-r.conns:
		return c, nil
	case <-r.closed:
		return nil, net.ErrClosed
	}
}

// Addr implements net.Listener.
func (r *returned) Addr() net.Addr { return r.addr }

// Close implements net.Listener; it closes the connections that wait.
func (r *returned) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		return nil
	}
	close(r.closed)
	for c := range r.waiting {
		_ = c.Close()
	}
	r.waiting = nil
	return nil
}

// enter notes a connection that waits; false: it need not, the server has ended.
func (r *returned) enter(c *conn) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		return false
	}
	r.waiting[c] = struct{}{}
	return true
}

func (r *returned) leave(c *conn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.waiting, c)
}
