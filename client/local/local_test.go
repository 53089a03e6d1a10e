package local_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"

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

func TestServerThatDoesNotStart(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		mode    string
		timeout time.Duration
		want    string
	}{
		{"fail", 20 * time.Second, "exit status 3): the database is from a newer version"},
		{"hang", 300 * time.Millisecond, "did not get ready within 300ms"},
		{"mute", 20 * time.Second, "could not start"},
	} {
		t.Run(tc.mode, func(t *testing.T) {
			t.Parallel()
			d := home(t)
			tr, err := local.New(local.Options{
				Dirs: d, Version: "1.0.0", StartTimeout: tc.timeout,
				Command: []string{os.Args[0], "serve", "--mode=" + tc.mode},
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = clientOf(t, tr).Server(t.Context())
			var start *local.StartError
			var unreachable *client.UnreachableError
			if !errors.As(err, &start) || !errors.As(err, &unreachable) || !unreachable.Local {
				t.Fatalf("error is %T: %v", err, err)
			}
			if !strings.Contains(err.Error(), tc.want) {
				t.Errorf("%q does not say %q", err, tc.want)
			}
			_, err = clientOf(t, tr).StartTurn(t.Context(), "c", wire.NewTurn{ID: "t"})
			if !errors.As(err, &start) {
				t.Errorf("a turn was retried instead of refused: %v", err)
			}
		})
	}
}

func TestNoProgram(t *testing.T) {
	t.Parallel()
	tr, err := local.New(local.Options{Dirs: home(t), Command: []string{"/does/not/exist"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = clientOf(t, tr).Server(t.Context())
	var start *local.StartError
	if !errors.As(err, &start) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error is %v", err)
	}
}

// TestLockHeldForever has another process hang while it starts the server.
func TestLockHeldForever(t *testing.T) {
	t.Parallel()
	tr, err := local.New(local.Options{Dirs: home(t), StartTimeout: 50 * time.Millisecond, Command: []string{"/does/not/exist"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(tr.Paths().Lock), 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(tr.Paths().Lock)
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	_, err = clientOf(t, tr).Server(t.Context())
	if err == nil || !strings.Contains(err.Error(), tr.Paths().Lock) {
		t.Errorf("error is %v", err)
	}
}

// TestDatabaseInUse has a server hold the database that listens elsewhere.
func TestDatabaseInUse(t *testing.T) {
	t.Parallel()
	d := home(t)
	tr, err := local.New(local.Options{Dirs: d, StartTimeout: 50 * time.Millisecond, Command: []string{os.Args[0], "serve"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(d.Data, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(tr.Paths().Database + ".lock")
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = lock.Close() }()
	_, err = clientOf(t, tr).Server(t.Context())
	if err == nil || !strings.Contains(err.Error(), "is in use by a program that does not listen") {
		t.Errorf("error is %v", err)
	}
}

func TestFolderOpenToOthers(t *testing.T) {
	t.Parallel()
	d := home(t)
	if err := os.MkdirAll(d.Runtime, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(d.Runtime, 0o755); err != nil {
		t.Fatal(err)
	}
	_, err := clientOf(t, transport(t, d, "1.0.0")).Server(t.Context())
	if err == nil || !strings.Contains(err.Error(), "chmod 700") {
		t.Errorf("error is %v", err)
	}
}

func TestPathTooLong(t *testing.T) {
	t.Parallel()
	d := home(t)
	d.State = filepath.Join(d.State, strings.Repeat("x", 120))
	d.Runtime = filepath.Join(d.State, "run")
	_, err := local.New(local.Options{Dirs: d})
	if err == nil || !strings.Contains(err.Error(), "XDG_RUNTIME_DIR") {
		t.Errorf("error is %v", err)
	}
}

// TestServerElsewhere finds the server that was started where XDG_RUNTIME_DIR
// was not set.
func TestServerElsewhere(t *testing.T) {
	t.Parallel()
	d := home(t)
	without := d
	without.Runtime = filepath.Join(d.State, "run")
	first := ask(t, transport(t, without, "1.0.0"))
	second := ask(t, transport(t, d, "1.0.0"))
	if first.PID != second.PID {
		t.Errorf("servers %d and %d", first.PID, second.PID)
	}
}

func TestMissingRuntimeFolderGivesWay(t *testing.T) {
	t.Parallel()
	d := home(t)
	d.Runtime = filepath.Join(d.State, "none", "aichat")
	p, err := local.NewPaths(d)
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(d.State, "run", "server.sock"); p.Socket != want {
		t.Errorf("socket %s, want %s", p.Socket, want)
	}
}

func TestOlderServer(t *testing.T) {
	t.Parallel()
	d := home(t)
	old := transport(t, d, "1.0.0")
	before := ask(t, old)
	post(t, old, pathHold) // a turn runs in another terminal
	var released sync.Once
	var progress []string
	tr := transport(t, d, "1.1.0")
	err := tr.EnsureVersion(t.Context(), func(p local.Progress) {
		progress = append(progress, fmt.Sprint(p.Version, " ", p.Running))
		if !tr.Running(t.Context()) {
			t.Error("the older server went with a turn running")
		}
		released.Do(func() { post(t, old, pathRelease) })
	})
	if err != nil {
		t.Fatal(err)
	}
	after := ask(t, tr)
	if after.Version != "1.1.0" || after.PID == before.PID || starts(t, d) != 2 {
		t.Errorf("%+v after %d starts", after, starts(t, d))
	}
	if len(progress) == 0 || progress[0] != "1.0.0 1" {
		t.Errorf("progress %q", progress)
	}
	if err := tr.EnsureVersion(t.Context(), nil); err != nil || starts(t, d) != 2 {
		t.Errorf("the second time: %v, %d starts", err, starts(t, d))
	}
}

// TestServerTooOldToTalkTo is replaced before the request that found it is
// answered, and not reported.
func TestServerTooOldToTalkTo(t *testing.T) {
	t.Parallel()
	d := home(t)
	old := transport(t, d, "0.0.9")
	post(t, old, pathHold)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		post(t, old, pathRelease) // its turns end by themselves
	}()
	got := ask(t, transport(t, d, "1.0.0"))
	<-ended
	if got.Version != "1.0.0" || starts(t, d) != 2 {
		t.Errorf("%+v answered, %d starts", got, starts(t, d))
	}
}

func TestNewerServerStays(t *testing.T) {
	t.Parallel()
	d := home(t)
	before := ask(t, transport(t, d, "1.1.0"))
	tr := transport(t, d, "1.0.0")
	if err := tr.EnsureVersion(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if err := tr.RetireOlder(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := ask(t, tr); after.PID != before.PID || after.Retiring {
		t.Errorf("%+v took the place of %+v", after, before)
	}
}

// TestRetireOlder is what a command does: its own request is answered by the
// older server, the next command's by the newer.
func TestRetireOlder(t *testing.T) {
	t.Parallel()
	d := home(t)
	ask(t, transport(t, d, "1.0.0"))
	tr := transport(t, d, "1.1.0")
	if err := tr.RetireOlder(t.Context()); err != nil || !tr.Running(t.Context()) {
		t.Fatalf("retired before its version was known: %v", err)
	}
	if v := ask(t, tr).Version; v != "1.0.0" {
		t.Fatalf("version %s", v)
	}
	if err := tr.RetireOlder(t.Context()); err != nil {
		t.Fatal(err)
	}
	for tr.Running(t.Context()) { // it goes by itself
		if t.Context().Err() != nil {
			t.Fatal("it stayed")
		}
	}
	if v := ask(t, transport(t, d, "1.1.0")).Version; v != "1.1.0" {
		t.Errorf("the next command was answered by version %s", v)
	}
}

func TestReplacersAtOnce(t *testing.T) {
	t.Parallel()
	d := home(t)
	ask(t, transport(t, d, "1.0.0"))
	var wg sync.WaitGroup
	for range 8 {
		tr := transport(t, d, "1.1.0")
		wg.Go(func() {
			if err := tr.EnsureVersion(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := starts(t, d); n != 2 {
		t.Errorf("%d starts", n)
	}
}

func BenchmarkWarm(b *testing.B) {
	d := home(b)
	ask(b, transport(b, d, "1.0.0"))
	b.Run("command", func(b *testing.B) { // a new process's first request
		for b.Loop() {
			tr := transport(b, d, "1.0.0")
			ask(b, tr)
			tr.CloseIdleConnections()
		}
	})
	tr := transport(b, d, "1.0.0")
	b.Run("dial", func(b *testing.B) {
		for b.Loop() {
			if !tr.Running(b.Context()) {
				b.Fatal("nobody listens")
			}
		}
	})
	b.Run("request", func(b *testing.B) {
		for b.Loop() {
			ask(b, tr)
		}
	})
}

func BenchmarkColdStart(b *testing.B) {
	for b.Loop() {
		d := home(b)
		tr := transport(b, d, "1.0.0")
		s := ask(b, tr)
		b.StopTimer()
		tr.CloseIdleConnections()
		kill(b, s.PID)
		b.StartTimer()
	}
}
