package subject

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// Process is a program that runs.
type Process struct {
	PID int

	// URL is where it answers, without a slash at the end.
	URL string

	cmd    *exec.Cmd
	stdin  io.Closer
	exited chan struct{} // closed when it has ended
}

// roleVariable tells a process that it is a part of its parent's benchmark.
const roleVariable = "AICHAT_BENCH_ROLE"

// Role says which part of a benchmark this process was started as, by
// StartRole; empty: the benchmark itself.
func Role() string { return os.Getenv(roleVariable) }

// StartRole runs this very program again as one of its parts, which must call
// Serve, and returns when that listens.
func StartRole(ctx context.Context, role string, args ...string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self, args...)
	cmd.Env = append(os.Environ(), roleVariable+"="+role)
	cmd.Stderr = os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p, err := start(cmd)
	if err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return nil, errors.Join(fmt.Errorf("subject: the %s did not start: %w", role, err), p.Stop())
	}
	p.URL = strings.TrimSpace(line)
	return p, ctx.Err()
}

// Serve is a part's whole life: it listens on a free port, tells its parent
// where, and serves until its parent is gone.
func Serve(h http.Handler) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // ends when the parent does
		_ = srv.Close()
	}()
	fmt.Printf("http://%s\n", l.Addr())
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// start runs cmd with a pipe as its standard input, which closes with us.
func start(cmd *exec.Cmd) (*Process, error) {
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("subject: %w", err)
	}
	p := &Process{PID: cmd.Process.Pid, cmd: cmd, stdin: stdin, exited: make(chan struct{})}
	go func() {
		_ = cmd.Wait() // how it ended is not asked
		close(p.exited)
	}()
	return p, nil
}

// Stop asks the process to end, and ends it after five seconds. An exit status
// is no error: it was told to go.
func (p *Process) Stop() error {
	_ = p.stdin.Close() // it may be gone
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(5 * time.Second):
		return errors.Join(fmt.Errorf("subject: process %d did not end by itself", p.PID), p.cmd.Process.Kill())
	}
}
