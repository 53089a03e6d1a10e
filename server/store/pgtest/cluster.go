//go:build unix

package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/aichat-term/aichat/server/store"
)

const advice = "tests need Postgres: install its server (Debian: apt-get install postgresql) or set " +
	Variable + " to the URL of one on which databases may be created"

// supervisor runs the server until its standard input ends, which it does with
// the test process in whatever way that ends; then it cleans up, unless there is a
// file "keep".
const supervisor = `
"$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit="$3" \
	-c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB -c max_wal_size=4GB >"$2/log" 2>&1 </dev/null &
server=$!
while read -r _; do :; done
kill -QUIT "$server"
wait "$server"
[ -e "$2/keep" ] || rm -rf "$2"
`

// lifelines holds the supervisor's standard input: the garbage collector would
// close what nobody holds.
var lifelines []io.Closer

// start makes a cluster and runs it for the life of this process.
func start() (string, error) {
	c, err := newCluster()
	if err != nil {
		return "", err
	}
	if err := c.launch(); err != nil {
		return "", err
	}
	lifelines = append(lifelines, c.input)
	return c.address(), nil
}

// Cluster is a server of a test's own, which can be taken away and brought back.
type Cluster struct {
	t      testing.TB
	bin    string
	dir    string // short: a socket's path is limited
	owner  *syscall.SysProcAttr
	commit string // "on": what was committed outlives Stop
	input  io.Closer
	server *exec.Cmd

	// URL is the address of a database with the current schema.
	URL string
}

// Own starts a server that ends with the test.
func Own(t testing.TB) *Cluster {
	t.Helper()
	c, err := newCluster()
	if err != nil {
		t.Fatal(err)
	}
	c.t, c.URL, c.commit = t, c.address(), "on"
	t.Cleanup(func() {
		if c.input != nil {
			c.Stop()
		}
		if err := os.RemoveAll(c.dir); err != nil {
			t.Error(err)
		}
	})
	c.Start()
	if _, _, err := store.Migrate(t.Context(), store.Options{Database: c.URL}); err != nil {
		t.Fatal(err)
	}
	return c
}

// Stop takes the server away, at once and with all connections, as a crash of
// its machine does.
func (c *Cluster) Stop() {
	c.t.Helper()
	if err := os.WriteFile(c.keep(), nil, 0o600); err != nil {
		c.t.Fatal(err)
	}
	_ = c.input.Close() // it is the supervisor's standard input, which is open
	c.input = nil
	if err := c.server.Wait(); err != nil {
		c.t.Fatal(err)
	}
}

// Start brings the server back and waits until it answers.
func (c *Cluster) Start() {
	c.t.Helper()
	if err := os.Remove(c.keep()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		c.t.Fatal(err)
	}
	if err := c.launch(); err != nil {
		c.t.Fatal(err)
	}
}

func (c *Cluster) keep() string { return filepath.Join(c.dir, "keep") }

// address is that of the server and of the database which every cluster has.
func (c *Cluster) address() string {
	return (&url.URL{Scheme: "postgres", User: url.User("aichat"), Path: "/postgres",
		RawQuery: url.Values{"host": {c.dir}}.Encode()}).String()
}

// newCluster makes the files of a cluster, which does not run yet.
func newCluster() (*Cluster, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "pgtest")
	if err != nil {
		return nil, err
	}
	owner, err := unprivileged(dir)
	if err != nil {
		return nil, err
	}
	initdb := exec.Command(filepath.Join(bin, "initdb"), "-D", filepath.Join(dir, "data"),
		"-A", "trust", "-U", "aichat", "-E", "UTF8", "--no-locale", "--no-sync")
	initdb.SysProcAttr, initdb.Dir = owner, dir
	if out, err := initdb.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return &Cluster{bin: bin, dir: dir, owner: owner, commit: "off"}, nil
}

// launch runs the server and waits until it answers.
func (c *Cluster) launch() error {
	c.server = exec.Command("/bin/sh", "-c", supervisor, "sh", c.bin, c.dir, c.commit)
	c.server.SysProcAttr, c.server.Dir = c.owner, c.dir
	input, err := c.server.StdinPipe()
	if err != nil {
		return err
	}
	if err := c.server.Start(); err != nil {
		return err
	}
	c.input = input
	return ready(c.address(), filepath.Join(c.dir, "log"))
}

// binaries is the folder of the newest server installed.
func binaries() (string, error) {
	var found []string
	if path, err := exec.LookPath("postgres"); err == nil {
		found = append(found, filepath.Dir(path))
	}
	packaged, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil {
		return "", err
	}
	slices.SortFunc(packaged, func(a, b string) int { return major(b) - major(a) })
	for _, dir := range append(found, packaged...) {
		if _, err := exec.LookPath(filepath.Join(dir, "initdb")); err == nil {
			return dir, nil
		}
	}
	return "", errors.New(advice)
}

func major(bin string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(bin)))
	if err != nil {
		return 0
	}
	return n
}

// unprivileged is whom to run the server as: root must not, so it hands the
// folder to the user postgres.
func unprivileged(dir string) (*syscall.SysProcAttr, error) {
	attr := &syscall.SysProcAttr{Setpgid: true} // the terminal's interrupt is not for it
	if os.Geteuid() != 0 {
		return attr, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("root cannot run Postgres, and there is no user postgres: %s", advice)
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return attr, os.Chown(dir, int(uid), int(gid))
}

// ready waits until the server answers.
func ready(address, log string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := pgx.Connect(ctx, address)
		if err == nil {
			return conn.Close(ctx)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			said, _ := os.ReadFile(log)
			return fmt.Errorf("the Postgres of the tests does not answer: %w\n%s", err, said)
		}
	}
}
