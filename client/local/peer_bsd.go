//go:build darwin || freebsd

package local

import "golang.org/x/sys/unix"

// peerUser is the user at the other end of a Unix socket; see LOCAL_PEERCRED in
// unix(4).
func peerUser(fd int) (int, error) {
	cred, err := unix.GetsockoptXucred(fd, unix.SOL_LOCAL, unix.LOCAL_PEERCRED)
	if err != nil {
		return 0, err
	}
	return int(cred.Uid), nil
}
