//go:build !linux && !darwin && !freebsd

package local

import "net"

// checkPeer checks nothing: the system does not tell. The socket's folder has
// been checked.
func checkPeer(net.Conn) error { return nil }
