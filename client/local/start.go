package local

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// StartError says why the local server does not run.
type StartError struct {
	Reason string // a sentence's end
	Output string // what the server said, at most a few lines
	Log    string // where it may have said more; empty: nowhere
	Err    error
}

func (e *StartError) Error() string {
	var b strings.Builder
	b.WriteString("aichat-server " + e.Reason)
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Output != "" {
		b.WriteString(": " + e.Output)
	} else if e.Log != "" {
		b.WriteString(" (see " + e.Log + ")")
	}
	return b.String()
}

func (e *StartError) Unwrap() error { return e.Err }

// NeverConnected tells client that there was no connection that could have
// broken.
func (e *StartError) NeverConnected() bool { return true }

// lockPoll is how often a lock that another process holds is tried.
const lockPoll = 5 * time.Millisecond

// lock takes the lock of those who start and replace servers.
func (t *Transport) lock(ctx context.Context) (unlock func(), err error) {
	if err := t.paths.prepare(); err != nil {
		return nil, &StartError{Reason: "cannot be started", Err: err}
	}
	lock := flock.New(t.paths.Lock, flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return nil, &StartError{Reason: "is being started by another process, which does not come to an end; " +
			"it holds " + t.paths.Lock, Err: err}
	}
	return func() { _ = lock.Close() }, nil // the process's end would free it too
}

// start starts a server, unless another process does so first, and connects.
func (t *Transport) start(ctx context.Context) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, t.startTimeout)
	defer cancel()
	unlock, err := t.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if conn, err := t.dial(ctx); err == nil || !absent(err) {
		return conn, err
	}
	startErr := t.spawn(ctx)
	conn, err := t.dial(ctx)
	if err != nil && startErr != nil {
		return nil, startErr // else some other server came up, which is as good
	}
	return conn, err
}

// awaitDatabase waits until nobody holds the database: a server that no longer
// listens holds it until its last work is done.
func (t *Transport) awaitDatabase(ctx context.Context) error {
	lock := flock.New(t.paths.Database+".lock", flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, lockPoll); err != nil {
		return &StartError{Reason: "cannot be started: the database " + t.paths.Database +
			" is in use by a program that does not listen on " + t.paths.Socket, Err: err}
	}
	return lock.Close()
}

// spawn starts a server and waits until it is ready. The lock is held.
func (t *Transport) spawn(ctx context.Context) error {
	cmd, err := t.command(ctx)
	if err != nil {
		return &StartError{Reason: "cannot be started", Err: err}
	}
	if err := t.awaitDatabase(ctx); err != nil {
		return err
	}
	stderr, err := os.OpenFile(t.paths.Stderr, os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		return &StartError{Reason: "cannot be started", Err: err}
	}
	defer func() { _ = stderr.Close() }()
	cmd.Stderr = stderr // a file, so that a server that outlives us can still write to it
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return &StartError{Reason: "cannot be started", Err: err}
	}
	t.log.Debug("start the local server", "program", cmd.Path)
	if err := cmd.Start(); err != nil {
		return &StartError{Reason: "cannot be started", Err: err}
	}
	kill := func() { _ = cmd.Process.Kill() } // it may have ended by itself
	if err := awaitReady(ctx, stdout, kill); err != nil {
		kill()
		_ = cmd.Wait() // ProcessState says how it ended
		return t.notReady(ctx, err, cmd, stderr)
	}
	t.adopt(cmd.Process.Pid)
	release(cmd.Process)
	return nil
}

// command is the server's command line. Its end is not ctx's.
func (t *Transport) command(ctx context.Context) (*exec.Cmd, error) {
	line := t.commandLine
	if len(line) == 0 {
		program, err := findProgram()
		if err != nil {
			return nil, err
		}
		line = []string{program, "local"}
	}
	args := append(line[1:len(line):len(line)],
		"--socket", t.paths.Socket, "--database", t.paths.Database, "--log", t.paths.Log)
	cmd := exec.CommandContext(context.WithoutCancel(ctx), line[0], args...) //nolint:gosec // our own program, by the rule of findProgram
	cmd.Env = serverEnv(os.Environ())
	cmd.Dir = filepath.Dir(t.paths.Log) // so that it holds on to no other folder
	detach(cmd)
	return cmd, nil
}

// errNotReady is a server that ended, or closed its output, before it was ready.
var errNotReady = errors.New("it did not get ready")

// awaitReady reads the server's output until it says so, and closes it. When ctx
// ends first, it kills the server.
func awaitReady(ctx context.Context, stdout io.ReadCloser, kill func()) error {
	result := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(io.LimitReader(stdout, 64<<10))
		for lines.Scan() {
			if lines.Text() == "ready" {
				result <- true
				return
			}
		}
		result <- false
	}()
	select {
	case ready := <-result:
		_ = stdout.Close()
		if !ready {
			return errNotReady
		}
		return nil
	case <-ctx.Done():
		kill()
		_ = stdout.Close() // ends the goroutine, if the kill has not
		<-result
		return context.Cause(ctx)
	}
}

// maxOutput is how much of the server's last words is shown, in bytes.
const maxOutput = 2 << 10

func (t *Transport) notReady(ctx context.Context, err error, cmd *exec.Cmd, stderr *os.File) error {
	said := make([]byte, maxOutput)
	n, _ := stderr.ReadAt(said, 0) // an error leaves less to show
	e := &StartError{Output: strings.TrimSpace(strings.ToValidUTF8(string(said[:n]), "?")), Log: t.paths.Log}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		e.Reason = fmt.Sprintf("was started and did not get ready within %v", t.startTimeout)
	case ctx.Err() != nil:
		e.Reason, e.Err = "was not waited for", err
	default:
		e.Reason = fmt.Sprintf("could not start (%s)", cmd.ProcessState)
	}
	return e
}
