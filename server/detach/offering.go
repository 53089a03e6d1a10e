package detach

import (
	"net"
	"syscall"
)

// offering writes to a connection as much as it takes without waiting. The zero
// offering is ready for use, with one connection.
type offering struct {
	raw   syscall.RawConn // nil: not asked for yet, or there is none
	asked bool
	once  func(fd uintptr) bool // made once: one for each write would be garbage

	out []byte
	n   int
	err error
}

// to returns how much of out the connection has taken: nothing, where it cannot be
// asked.
func (o *offering) to(c net.Conn, out []byte) (int, error) {
	if !o.asked {
		o.ask(c)
	}
	if o.raw == nil {
		return 0, nil
	}
	o.out, o.n, o.err = out, 0, nil
	err := o.raw.Write(o.once)
	o.out = nil
	if err != nil {
		return 0, err
	}
	return o.n, o.err
}

// ask finds the system's connection below.
func (o *offering) ask(c net.Conn) {
	o.asked = true
	if ours, ok := c.(*conn); ok {
		c = ours.Conn
	}
	system, ok := c.(syscall.Conn)
	if !ok || !offers {
		return
	}
	if raw, err := system.SyscallConn(); err == nil {
		o.raw = raw
		o.once = func(fd uintptr) bool {
			o.n, o.err = writeOnce(fd, o.out)
			return true
		}
	}
}
