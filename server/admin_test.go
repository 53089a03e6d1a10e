package server_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server"
)

func TestUsualAdminSocket(t *testing.T) {
	t.Parallel()
	data := filepath.FromSlash("/home/ada/.local/share/aichat")
	of := func(database string) string {
		path, err := server.UsualAdminSocket(database, data)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(path)
	}
	if got := of("/var/lib/aichat/server.db"); !strings.HasSuffix(got, "/var/lib/aichat/server.db.admin/admin.sock") {
		t.Error(got)
	}
	one, same := of("postgres://ada:secret@db:5432/chat?sslmode=require"), of("postgres://bob:other@db:5432/chat")
	if one != same || !strings.HasPrefix(one, "/home/ada/.local/share/aichat/admin-") || strings.Contains(one, "secret") {
		t.Errorf("%s, %s", one, same)
	}
	if other := of("postgres://ada:secret@db:5432/other"); other == one {
		t.Errorf("two databases have one socket: %s", other)
	}
}

func TestDialSocket(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "aichat-") // short: a socket's path is limited
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "db.admin", "admin.sock")
	dial := func() error {
		conn, err := server.DialSocket(t.Context(), path)
		if err == nil {
			_ = conn.Close()
		}
		return err
	}
	if err := dial(); !errors.Is(err, server.ErrNotRunning) {
		t.Errorf("no folder: %v", err)
	}
	s, err := server.OpenSocket(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	if err := dial(); err != nil {
		t.Errorf("it listens: %v", err)
	}
	if _, err := server.OpenSocket(path, slog.New(slog.DiscardHandler)); !errors.Is(err, server.ErrAlreadyRunning) {
		t.Errorf("a second one: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := dial(); !errors.Is(err, server.ErrNotRunning) {
		t.Errorf("it has gone: %v", err)
	}
	stale(t, path)
	if err := dial(); !errors.Is(err, server.ErrNotRunning) {
		t.Errorf("a dead one's: %v", err)
	}
	again, err := server.OpenSocket(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("in a dead one's place: %v", err)
	}
	if err := dial(); err != nil {
		t.Error(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := dial(); err == nil || errors.Is(err, server.ErrNotRunning) {
		t.Errorf("in a folder of everybody's: %v", err)
	}
}

// stale leaves a socket that nobody listens on.
func stale(t *testing.T, path string) {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_ = l.Close()
}
