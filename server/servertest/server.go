package servertest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store/aftermath"
)

// Options say what is served. The zero Options serve the demo on SQLite.
type Options struct {
	// Database is a postgres:// URL or a SQLite file; empty: a new file.
	Database string

	// Providers are the operator's, by name: their base URLs are a test's own
	// servers.
	Providers map[string]server.ProviderConfig

	// DefaultModel is server.Config's.
	DefaultModel string

	// Plans and DefaultPlan are server.Config's; empty: the built-in plans, of
	// which everybody has the one that limits nothing.
	Plans, DefaultPlan string

	// Redis is server.Config's; empty: none.
	Redis string

	// Grace is how long Stop lets turns run; zero: they are interrupted.
	Grace time.Duration

	// SignUp is server.Config's; empty: by invitation.
	SignUp string

	// SignIn are identity providers, by name.
	SignIn map[string]server.SignInConfig

	// Mail takes the letters; nil: none are written, and no jobs are worked.
	Mail mail.Sender

	// Listen is the TCP door's address; empty: loopback, with a port of the
	// system's choice.
	Listen string

	// URL is server.Config's; empty: that of the TCP door.
	URL string

	// Tune changes the rest of server.Config; nil: nothing.
	Tune func(*server.Config)

	// Server tunes the parts.
	Server server.Options
}

// Server is a running server.
type Server struct {
	URL    string // of the TCP door
	Token  string // of a user named "tester", for the TCP door
	Socket string // path of the Unix door, where one acts as the local owner

	// AdminSocket is the path of the operator's door.
	AdminSocket string

	// Database is Options' or the file that was made.
	Database string

	*server.Server
	stop func() error
}

// Start starts a server, which ends with the test at the latest.
func Start(tb testing.TB, o Options) *Server {
	tb.Helper()
	// Not TempDir, whose name holds the test's: a socket's path must be short.
	dir, err := os.MkdirTemp("", "aichat-")
	check(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	if o.Database == "" {
		o.Database = filepath.Join(dir, "aichat.db")
		aftermath.Expect(tb, o.Database)
	}
	if o.Server.Logger == nil {
		o.Server.Logger = slog.New(slog.DiscardHandler)
	}
	heard := &ear{}
	o.Server.Logger = heard.listenTo(o.Server.Logger)
	tcp, err := net.Listen("tcp", cmp.Or(o.Listen, "127.0.0.1:0"))
	check(tb, err)
	o.Server.Sender, o.Server.NoJobs = o.Mail, o.Mail == nil
	c := server.Config{
		Listen: tcp.Addr().String(), URL: o.URL, SignUp: o.SignUp, SignIn: o.SignIn, Database: o.Database, Grace: o.Grace,
		Providers: o.Providers, DefaultModel: o.DefaultModel, NoOllamaProbe: true, Plans: o.Plans, DefaultPlan: o.DefaultPlan, Redis: o.Redis,
	}
	if o.Tune != nil {
		o.Tune(&c)
	}
	s, err := server.Open(context.Background(), c, o.Server)
	check(tb, err)
	out := &Server{Server: s, URL: fmt.Sprintf("http://127.0.0.1:%d", tcp.Addr().(*net.TCPAddr).Port), Socket: filepath.Join(dir, "s.sock"), AdminSocket: filepath.Join(dir, "admin", "s.sock"), Database: o.Database}
	out.Token = out.NewToken(tb, "tester")
	out.serve(tb, tcp, o.Server.Logger, heard)
	return out
}

func (s *Server) serve(tb testing.TB, tcp net.Listener, log *slog.Logger, heard *ear) {
	tb.Helper()
	socket, err := server.OpenSocket(s.Socket, log)
	check(tb, err)
	admin, err := server.OpenSocket(s.AdminSocket, log)
	check(tb, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Serve(ctx, nil, server.Door{Listener: tcp}, server.Door{Listener: socket.Listener, Local: true},
			server.Door{Listener: admin.Listener, Operator: true})
	}()
	s.stop = sync.OnceValue(func() error {
		s.audit(tb)
		cancel()
		err := <-ended
		_, _ = socket.Close(), admin.Close() // the folder goes with the test
		return err
	})
	tb.Cleanup(func() {
		if err := s.stop(); err != nil {
			tb.Errorf("the server did not end well: %v", err)
		}
		for _, line := range heard.lines() {
			tb.Errorf("a key or a prompt was logged: %s", line)
		}
	})
}

// audit checks that the counters of the limits are what the ledger says. A test
// may have taken the database away: then there is nothing to be read.
func (s *Server) audit(tb testing.TB) {
	tb.Helper()
	wrong, err := s.DB().Quota().Mismatches(context.Background(), "")
	if err != nil {
		return
	}
	for _, m := range wrong {
		tb.Errorf("account %s: the counter is %+v, and the ledger says %+v", m.Account, m.Stored, m.Real)
	}
}

// Stop ends the server as a first SIGTERM does, and waits for its end. A second
// Stop returns what the first did.
func (s *Server) Stop() error { return s.stop() }

// SocketTransport reaches the Unix door, whatever a request's host is. The
// caller closes its idle connections.
func (s *Server) SocketTransport() *http.Transport { return over(s.Socket) }

// AdminTransport reaches the operator's door likewise.
func (s *Server) AdminTransport() *http.Transport { return over(s.AdminSocket) }

func over(path string) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return server.DialSocket(ctx, path)
	}}
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
