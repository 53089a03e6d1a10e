package server

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerUser is the user at the other end of a Unix socket (unix(4), LOCAL_PEERCRED).
func peerUser(conn *net.UnixConn) (uid int, known bool, err error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return -1, true, err
	}
	var cred *unix.Xucred
	var failed error
	err = raw.Control(func(fd uintptr) {
		cred, failed = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	})
	if err == nil {
		err = failed
	}
	if err != nil {
		return -1, true, err
	}
	return int(cred.Uid), true, nil
}
