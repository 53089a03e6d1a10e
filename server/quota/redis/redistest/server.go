//go:build unix

package redistest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// supervisor runs the server until its standard input ends, which it does with
// the test process in whatever way that ends; then it cleans up.
const supervisor = `
redis-server --port 0 --unixsocket "$1/redis.sock" --save "" --appendonly no --dir "$1" >"$1/log" 2>&1 </dev/null &
server=$!
while read -r _; do :; done
kill -KILL "$server"
wait "$server"
rm -rf "$1"
`

// Server is a Redis of a test's own, which it may end.
type Server struct {
	URL     string
	Ended   <-chan struct{} // closed when it is gone
	control io.WriteCloser
	dir     string
}

// start runs a server until end is called, or the test process is gone.
func start() (*Server, error) {
	if _, err := exec.LookPath("redis-server"); err != nil {
		return nil, fmt.Errorf("tests need Redis: install its server (Debian: apt-get install redis-server) or set %s to the URL of one", Variable)
	}
	dir, err := os.MkdirTemp("", "redistest") // short: a socket's path is limited
	if err != nil {
		return nil, err
	}
	s := &Server{URL: "unix://" + filepath.Join(dir, "redis.sock"), dir: dir}
	return s, s.run()
}

// run starts the server's process and waits until it listens.
func (s *Server) run() error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	cmd := exec.Command("/bin/sh", "-c", supervisor, "sh", s.dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the terminal's interrupt is not for it
	var err error
	if s.control, err = cmd.StdinPipe(); err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	s.Ended = ended
	go func() {
		_ = cmd.Wait() // how it ended is of no interest
		close(ended)
	}()
	return s.ready()
}

// ready waits until the server listens.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := net.Dial("unix", filepath.Join(s.dir, "redis.sock"))
		if err == nil {
			return conn.Close()
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			said, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return fmt.Errorf("the Redis of the tests does not answer: %w\n%s", err, said)
		}
	}
}

// Own runs a Redis for one test.
func Own(t testing.TB) *Server {
	t.Helper()
	s, err := start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.End() })
	return s
}

// Again starts the server once more where it was, with nothing in it.
func (s *Server) Again(t testing.TB) {
	t.Helper()
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

// End kills the server: connections to it break.
func (s *Server) End() { _ = s.control.Close() } // a second time it is closed already
