package subject

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// Server is an aichat-server on loopback TCP with a SQLite file.
type Server struct {
	*Process
	Token string
}

// StartServer runs the server in a home, on a new database, and returns when it
// is ready.
func StartServer(ctx context.Context, p Programs, h *Home) (*Server, error) {
	addr, err := freeAddr()
	if err != nil {
		return nil, err
	}
	h.Extra = append(h.Extra,
		"AICHAT_SERVER_LISTEN="+addr,
		"AICHAT_SERVER_DEFAULT_PLAN=enterprise", // metered, without limits
		"AICHAT_SERVER_DATABASE="+filepath.Join(h.Dir, "bench.db"))

	token, err := makeToken(p, h)
	if err != nil {
		return nil, fmt.Errorf("subject: a token: %w", withStderr(err))
	}
	cmd := h.Command(p.Server, "serve")
	log, err := os.Create(filepath.Join(h.Dir, "server.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the process has its own
	cmd.Stdout, cmd.Stderr = log, log
	proc, err := start(cmd)
	if err != nil {
		return nil, err
	}
	proc.URL = "http://" + addr
	if err := awaitReady(ctx, proc.URL); err != nil {
		said, _ := os.ReadFile(log.Name()) // best effort: err says the rest
		return nil, errors.Join(fmt.Errorf("%w; it said: %s", err, said[max(0, len(said)-2000):]), proc.Stop())
	}
	return &Server{Process: proc, Token: token}, nil
}

// makeToken adds a user and makes a token for them.
func makeToken(p Programs, h *Home) (string, error) {
	if _, err := h.Command(p.Server, "users", "add", "bench").Output(); err != nil {
		return "", err
	}
	token, err := h.Command(p.Server, "users", "token", "create", "bench").Output()
	return strings.TrimSpace(string(token)), err
}

// freeAddr is a loopback address whose port nobody has just now.
func freeAddr() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// awaitReady asks until the server says that it is ready.
func awaitReady(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ready(ctx, url) {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return errors.New("subject: the server did not become ready")
		}
	}
}

func ready(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+wire.PathReady, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close() // only the status counts
	return res.StatusCode/100 == 2
}
