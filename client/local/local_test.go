package local_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/config"
	"github.com/aichat-term/aichat/client/local"
	"github.com/aichat-term/aichat/client/wire"
)

// home is a user's folders, in a place with a short name: a socket has no room
// for a test's own.
func home(t testing.TB) config.Dirs {
	t.Helper()
	dir, err := os.MkdirTemp("", "al")
	if err != nil {
		t.Fatal(err)
	}
	d := config.Dirs{
		Config:  filepath.Join(dir, "c"),
		Data:    filepath.Join(dir, "d"),
		State:   filepath.Join(dir, "s"),
		Runtime: filepath.Join(dir, "r", "aichat"),
	}
	if err := os.Mkdir(filepath.Join(dir, "r"), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		endServer(t, d)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return d
}

// endServer ends the server that runs there, if one does.
func endServer(t testing.TB, d config.Dirs) {
	t.Helper()
	tr := transport(t, d, "99.0.0")
	defer tr.CloseIdleConnections()
	if tr.Running(context.WithoutCancel(t.Context())) {
		kill(t, ask(t, tr).PID)
	}
}

func kill(t testing.TB, pid int) {
	t.Helper()
	p, err := os.FindProcess(pid)
	if err == nil {
		err = p.Kill()
	}
	if err != nil {
		t.Error(err)
	}
}

// transport is a program of that version, whose servers are the test binary.
func transport(t testing.TB, d config.Dirs, version string, args ...string) *local.Transport {
	t.Helper()
	tr, err := local.New(local.Options{
		Dirs:         d,
		Command:      append([]string{os.Args[0], "serve", "--version=" + version}, args...),
		Version:      version,
		StartTimeout: 20 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.CloseIdleConnections)
	return tr
}

func clientOf(t testing.TB, tr *local.Transport) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{BaseURL: local.BaseURL, Transport: tr, ProviderEnv: wire.ProviderEnv{"OLLAMA_HOST": "x"}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ask asks the server what it is, and starts one if none runs.
func ask(t testing.TB, tr *local.Transport) wire.Server {
	t.Helper()
	s, err := clientOf(t, tr).Server(context.WithoutCancel(t.Context())) // also in a cleanup
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func post(t testing.TB, tr *local.Transport, path string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, local.BaseURL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// starts is how many servers came up.
func starts(t testing.TB, d config.Dirs) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(d.Data, "aichat.db.starts"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	return strings.Count(string(b), "\n")
}

func TestFirstRequestStartsTheServer(t *testing.T) {
	t.Parallel()
	d := home(t)
	tr := transport(t, d, "1.0.0")
	if tr.Running(t.Context()) || starts(t, d) != 0 {
		t.Fatal("a server ran before the first request")
	}
	first := ask(t, tr)
	second := ask(t, transport(t, d, "1.0.0"))
	if first.PID == 0 || first.PID != second.PID || starts(t, d) != 1 {
		t.Errorf("servers %d and %d, %d starts", first.PID, second.PID, starts(t, d))
	}
	for path, want := range map[string]os.FileMode{
		d.Runtime: 0o700, d.Data: 0o700, d.State: 0o700, tr.Paths().Lock: 0o600, tr.Paths().Stderr: 0o600,
	} {
		info, err := os.Stat(path)
		if err != nil {
			t.Error(err)
		} else if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", path, got, want)
		}
	}
}

// TestStartersAtOnce has as many terminals as processes would: transports that
// share nothing but the file system.
func TestStartersAtOnce(t *testing.T) {
	t.Parallel()
	for range 3 {
		d := home(t)
		var wg sync.WaitGroup
		pids := make([]int, 20)
		for i := range pids {
			tr := transport(t, d, "1.0.0")
			c := clientOf(t, tr)
			wg.Go(func() {
				s, err := c.Server(t.Context())
				if err != nil {
					t.Error(err)
				}
				pids[i] = s.PID
			})
		}
		wg.Wait()
		for _, pid := range pids {
			if pid != pids[0] || pid == 0 {
				t.Fatalf("servers %v", pids)
			}
		}
		if n := starts(t, d); n != 1 {
			t.Errorf("%d starts", n)
		}
	}
}

// TestKilledServerIsStartedAgain leaves a stale socket and a dead connection in
// the pool behind.
func TestKilledServerIsStartedAgain(t *testing.T) {
	t.Parallel()
	d := home(t)
	tr := transport(t, d, "1.0.0")
	before := ask(t, tr)
	for range 3 {
		kill(t, before.PID)
		after := ask(t, tr)
		if after.PID == before.PID {
			t.Fatal("the killed server answered")
		}
		before = after
	}
	if n := starts(t, d); n != 4 {
		t.Errorf("%d starts", n)
	}
}

func TestStaleSocket(t *testing.T) {
	t.Parallel()
	d := home(t)
	tr := transport(t, d, "1.0.0")
	if err := os.MkdirAll(d.Runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: tr.Paths().Socket})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if ask(t, tr).PID == 0 {
		t.Error("no server")
	}
}
