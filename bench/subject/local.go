package subject

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/aichat-term/aichat/bench/proc"
	"github.com/aichat-term/aichat/client/wire"
)

// StopLocal ends the local server that a program in the home has started, if
// one runs, and waits until it is gone.
func (h *Home) StopLocal(ctx context.Context) error {
	pid, err := h.LocalPID(ctx)
	if err != nil || pid == 0 {
		return err
	}
	p, err := os.FindProcess(pid)
	if err != nil {
		return err
	}
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for proc.Alive(pid) {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("subject: the local server does not end")
		}
	}
	return nil
}

// LocalPID asks the home's local server for its process id; zero where none
// runs.
func (h *Home) LocalPID(ctx context.Context) (int, error) {
	socket := h.socket()
	if socket == "" {
		return 0, nil
	}
	client := &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", socket)
		},
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://local"+wire.PathServer, nil)
	if err != nil {
		return 0, err
	}
	res, err := client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }() // decoded, or of no use
	var s wire.Server
	err = json.NewDecoder(res.Body).Decode(&s)
	return s.PID, err
}

// socket is the path of the one socket below the home's runtime directory.
func (h *Home) socket() (path string) {
	_ = filepath.WalkDir(h.runtime(), func(p string, d fs.DirEntry, err error) error { // a file may go meanwhile
		if err == nil && d.Type() == fs.ModeSocket {
			path = p
			return fs.SkipAll
		}
		return nil
	})
	return path
}
