package local_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/local"
	"github.com/aichat-term/aichat/client/wire"
)

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
