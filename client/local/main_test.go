package local_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/goleak"

	"github.com/aichat-term/aichat/client/wire"
)

// TestMain makes the test binary the server too, when it is started as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		os.Exit(serve(os.Args[2:]))
	}
	goleak.VerifyTestMain(m)
}

// Paths of the test server's own.
const (
	pathHold    = "/hold"    // a turn begins
	pathRelease = "/release" // and ends
)

// server keeps the contract of "aichat-server local", and serves next to
// nothing.
type server struct {
	version  string
	running  atomic.Int64
	retiring atomic.Bool
	ending   sync.Once
	end      chan struct{}
}

func serve(args []string) int {
	flags := flag.NewFlagSet("serve", flag.ExitOnError)
	version := flags.String("version", "1.0.0", "")
	mode := flags.String("mode", "", "")
	socket := flags.String("socket", "", "")
	database := flags.String("database", "", "")
	_ = flags.String("log", "", "")
	_ = flags.Parse(args) // exits

	signal.Ignore(os.Interrupt)
	switch *mode {
	case "fail":
		fmt.Fprintln(os.Stderr, "the database is from a newer version")
		return 3
	case "mute":
		_ = os.Stdout.Close()
		<-time.After(time.Minute)
	case "hang":
		<-time.After(time.Minute)
	}
	lock := flock.New(*database + ".lock")
	if ok, err := lock.TryLock(); err != nil || !ok {
		fmt.Fprintln(os.Stderr, "the database is in use", err)
		return 1
	}
	noteStart(*database)
	_ = os.Remove(*socket)
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s := &server{version: *version, end: make(chan struct{})}
	serving := &http.Server{Handler: s, ReadHeaderTimeout: time.Minute}
	go func() { _ = serving.Serve(listener) }()
	fmt.Fprint(os.Stdout, "noise before it is ready\nready\n")
	select {
	case <-s.end:
	case <-time.After(time.Minute): // nothing is left behind by a test that failed
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = serving.Shutdown(ctx)
	return 0
}

// noteStart leaves a line for each server that came up.
func noteStart(database string) {
	f, err := os.OpenFile(database+".starts", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, os.Getpid(), os.Getenv("OPENAI_API_KEY"))
	}
	if err != nil {
		panic(err)
	}
	_ = f.Close()
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(wire.HeaderVersion, s.version)
	switch r.URL.Path {
	case wire.PathServer:
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(wire.Server{
			Version: s.version, Local: true, PID: os.Getpid(),
			Running: int(s.running.Load()), Retiring: s.retiring.Load(),
		})
	case wire.PathRetire:
		s.retiring.Store(true)
		w.WriteHeader(http.StatusNoContent)
	case pathHold:
		s.running.Add(1)
	case pathRelease:
		s.running.Add(-1)
	}
	if s.retiring.Load() && s.running.Load() == 0 {
		_ = http.NewResponseController(w).Flush()
		s.ending.Do(func() { close(s.end) })
	}
}
