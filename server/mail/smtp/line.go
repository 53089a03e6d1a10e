package smtp

import (
	"context"
	"crypto/tls"
	"net"
	"time"
)

// farewell is how long a server may take to answer our goodbye.
const farewell = 2 * time.Second

// dial opens a connection, as net.Dialer.DialContext does.
type dial = func(ctx context.Context, network, address string) (net.Conn, error)

// line is the connection of one letter. The library reads from it without regard
// for a context, and leaves it open where a greeting, STARTTLS or AUTH fails: so
// it is cut when the letter's context ends, and closed by us in any case.
type line struct {
	conn net.Conn
	keep func() bool // no longer cut it with the context
}

// through makes the function with which the library connects. The context that
// it hands on ends too early: ctx is the letter's.
func (l *line) through(ctx context.Context, connect dial, wrap *tls.Config) dial {
	return func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := connect(ctx, network, address)
		if err != nil {
			return nil, err
		}
		l.conn = conn
		l.keep = context.AfterFunc(ctx, func() { _ = conn.Close() }) // whoever reads from it is told
		if wrap == nil {
			return conn, nil
		}
		wrapped := tls.Client(conn, wrap)
		return wrapped, wrapped.HandshakeContext(ctx)
	}
}

// hurry leaves the server only a moment more.
func (l *line) hurry() { _ = l.conn.SetDeadline(time.Now().Add(farewell)) } // a closed one needs no hurry

func (l *line) close() {
	if l.conn == nil {
		return
	}
	l.keep()
	_ = l.conn.Close() // all that matters has been said
}
