//go:build linux || darwin || freebsd

package local

import (
	"errors"
	"fmt"
	"net"
	"os"
)

// checkPeer checks that the same user is at the other end.
func checkPeer(conn net.Conn) error {
	socket, ok := conn.(*net.UnixConn)
	if !ok {
		return errors.New("the connection to the local server is no Unix socket")
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var user int
	var sysErr error
	if err := raw.Control(func(fd uintptr) { user, sysErr = peerUser(int(fd)) }); err != nil {
		return err
	}
	if sysErr != nil {
		return fmt.Errorf("who runs the local server cannot be told: %w", sysErr)
	}
	return checkUser(user, os.Geteuid())
}

func checkUser(peer, own int) error {
	if peer != own {
		return fmt.Errorf("the local server runs as user %d, not as you (%d): it is not spoken to", peer, own)
	}
	return nil
}
