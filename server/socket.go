package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"

	"github.com/gofrs/flock"
)

// ErrAlreadyRunning says that another process serves the same socket.
var ErrAlreadyRunning = errors.New("a server is running already")

// ErrNotRunning says that no process serves a socket.
var ErrNotRunning = errors.New("no server is running")

// Socket is a door that its owner alone can reach, a local server's or the
// operator's: a Unix socket, and the lock that says who serves it.
type Socket struct {
	net.Listener
	path string
	made fs.FileInfo
	lock *flock.Flock
}

// OpenSocket listens on a Unix socket, having made sure that nobody else can
// reach it and nobody else serves it. The lock beside it (server.lock) decides
// the second, whatever a killed process may have left: only its holder removes
// a socket. It returns ErrAlreadyRunning where another process holds it.
func OpenSocket(path string, log *slog.Logger) (*Socket, error) {
	if err := checkSocketPath(path); err != nil {
		return nil, err
	}
	if err := ownFolder(filepath.Dir(path)); err != nil {
		return nil, err
	}
	lock := flock.New(filepath.Join(filepath.Dir(path), "server.lock"), flock.SetPermissions(0o600))
	held, err := lock.TryLock()
	if err != nil {
		return nil, fmt.Errorf("lock the socket's folder: %w", err)
	}
	if !held {
		return nil, ErrAlreadyRunning
	}
	listener, err := listenUnix(path)
	if err != nil {
		return nil, errors.Join(err, lock.Unlock())
	}
	made, err := os.Lstat(path)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("look at the socket: %w", err), listener.Close(), lock.Unlock())
	}
	return &Socket{Listener: ownersOnly{listener, log}, path: path, made: made, lock: lock}, nil
}

// Lost reports whether nobody can connect any more, because the socket was
// removed or something else is in its place: a system clears its folder when the
// user signs out, and a test that was killed leaves nothing.
func (s *Socket) Lost() bool {
	now, err := os.Lstat(s.path)
	if runtime.GOOS == "windows" { // which does not always tell which file a socket is
		return errors.Is(err, fs.ErrNotExist)
	}
	return errors.Is(err, fs.ErrNotExist) || err == nil && !os.SameFile(now, s.made)
}

// Close stops listening and removes the socket, unless it is another's by now,
// then lets go of the lock. The lock's file stays: removing it would let two
// processes hold two of them.
func (s *Socket) Close() error {
	err := s.Listener.Close()
	if errors.Is(err, net.ErrClosed) {
		err = nil
	}
	if !s.Lost() {
		err = errors.Join(err, os.Remove(s.path))
	}
	return errors.Join(err, s.lock.Unlock())
}

// Lengths of sockaddr_un's sun_path, its final NUL included.
const (
	sunPathLinux = 108
	sunPathBSD   = 104
)

func checkSocketPath(path string) error {
	most := sunPathBSD - 1
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		most = sunPathLinux - 1
	}
	if len(path) > most {
		return fmt.Errorf("the socket's path is %d bytes long, and this system takes %d: choose a shorter one (%s)", len(path), most, path)
	}
	if !filepath.IsAbs(path) {
		return fmt.Errorf("the socket's path must be absolute: %s", path)
	}
	return nil
}

// ownFolder makes the socket's folder if there is none, and refuses one that
// anybody else could enter or replace things in.
func ownFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the socket's folder: %w", err)
	}
	if !info.IsDir() {
		return fmt.Errorf("%s is not a folder (a link to one will not do)", dir)
	}
	return checkOwned(dir, info)
}

// DialSocket connects to whoever serves a socket, having made sure that nobody
// else could have put it there; ErrNotRunning.
func DialSocket(ctx context.Context, path string) (net.Conn, error) {
	info, err := os.Lstat(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, fmt.Errorf("look at the socket's folder: %w", err)
	}
	if err := checkOwned(filepath.Dir(path), info); err != nil {
		return nil, err
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, refused) {
		return nil, ErrNotRunning // none, or one that a killed process left
	}
	if err != nil {
		return nil, fmt.Errorf("connect to the server's socket: %w", err)
	}
	if uid, known, err := peerUser(conn.(*net.UnixConn)); err != nil || known && uid != os.Getuid() {
		return nil, errors.Join(fmt.Errorf("the server behind %s runs as another user (%d)", path, uid), err, conn.Close())
	}
	return conn, nil
}

func listenUnix(path string) (*net.UnixListener, error) {
	if info, err := os.Lstat(path); err == nil {
		if info.Mode().Type() != fs.ModeSocket {
			return nil, fmt.Errorf("%s is there and is not a socket", path)
		}
		if err := os.Remove(path); err != nil {
			return nil, fmt.Errorf("remove the socket of a server that has died: %w", err)
		}
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen on the socket: %w", err)
	}
	l.SetUnlinkOnClose(false) // Socket.Close does it, having looked
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect the socket: %w", err), l.Close())
	}
	return l, nil
}

// ownersOnly accepts connections of our own user only, whatever the socket's
// permissions let through. Where the system does not tell the peer's user
// (Windows), the folder's access list is the protection.
type ownersOnly struct {
	*net.UnixListener
	log *slog.Logger
}

func (l ownersOnly) Accept() (net.Conn, error) {
	for {
		conn, err := l.AcceptUnix()
		if err != nil {
			return nil, err
		}
		uid, known, err := peerUser(conn)
		if err == nil && (!known || uid == os.Getuid()) {
			return conn, nil
		}
		l.log.LogAttrs(context.Background(), slog.LevelWarn, "connection of another user refused", slog.Int("uid", uid), slog.Any("error", err))
		_ = conn.Close() // refused; nobody to tell
	}
}
