package local

import "golang.org/x/sys/unix"

// peerUser is the user at the other end of a Unix socket; see SO_PEERCRED in
// unix(7).
func peerUser(fd int) (int, error) {
	cred, err := unix.GetsockoptUcred(fd, unix.SOL_SOCKET, unix.SO_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
