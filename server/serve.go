package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/detach"
	"github.com/aichat-term/aichat/server/fault"
)

// Serve answers behind the doors until ctx ends, the server is retired or until
// idle says so (idle may be nil). Then it takes no new turns, lets the running
// ones end within the grace (a retired server waits for them), and closes
// everything. A nil error means that it ended because it should.
func (s *Server) Serve(ctx context.Context, idle <-chan struct{}, doors ...Door) error {
	watching, stop := context.WithCancel(ctx)
	defer stop()
	go s.watchDatabase(watching, func() {})
	return s.serve(ctx, idle, doors...)
}

func (s *Server) serve(ctx context.Context, idle <-chan struct{}, doors ...Door) error {
	if s.jobs != nil {
		if err := s.jobs.Start(ctx); err != nil && ctx.Err() == nil { // told to stop already: see below
			return errors.Join(err, s.shutdown(ctx, nil))
		}
	}
	stopRolling := s.rollUpMeanwhile(ctx)
	failed := make(chan error, len(doors))
	servers := make([]*http.Server, len(doors))
	for i, d := range doors {
		servers[i] = s.newHTTPServer(d)
		go func() { failed <- detach.Serve(servers[i], d.Listener) }()
	}
	var err error
	select {
	case <-ctx.Done():
		s.log.Info("shutting down", "running", s.turns.Running())
	case <-s.retired:
		s.log.Info("retiring", "running", s.turns.Running())
	case <-idle:
		s.log.Info("idle")
	case err = <-failed:
	}
	stopRolling()
	return errors.Join(err, s.shutdown(ctx, servers))
}

// Timeouts of connections. There is none for writing: an answer takes as long
// as it takes, and httpapi gives each write its own deadline.
const (
	headerTime    = 10 * time.Second
	idleTime      = 2 * time.Minute
	largestHeader = 64 << 10

	// lastWords is how long connections may take to hear the end of their turn.
	lastWords = 3 * time.Second
)

func (s *Server) newHTTPServer(d Door) *http.Server {
	base := d.context()
	return &http.Server{
		Handler:           s.proxies.Tell(nameRequests(boundBodies(s.house))),
		ReadHeaderTimeout: headerTime,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    largestHeader,
		BaseContext:       func(net.Listener) context.Context { return base },
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

// shutdown ends everything in the order in which it can be missed: new turns,
// running turns, streams, connections, the database.
func (s *Server) shutdown(ctx context.Context, servers []*http.Server) error {
	close(s.ending)
	s.turns.Retire()
	s.api.CloseStreams()

	// The grace begins when ctx has ended: that may be now, or while a retired
	// server still waits.
	grace, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		timer := time.AfterFunc(s.config.Grace, cancel)
		context.AfterFunc(grace, func() { timer.Stop() })
	})
	defer stop()
	var jobs sync.WaitGroup
	jobs.Go(func() { s.stopJobs(grace) })
	err := s.turns.Stop(grace)
	jobs.Wait()

	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer done()
	go s.whenQuiet(last, done)
	var closing sync.WaitGroup
	for _, server := range servers {
		closing.Go(func() {
			if server.Shutdown(last) != nil {
				_ = server.Close() // whoever did not listen is cut off
			}
		})
	}
	closing.Go(func() { s.api.Drain(last) })
	closing.Wait()
	return errors.Join(err, s.close())
}

// whenQuiet calls done soon after the last request has been answered. Shutdown
// by itself waits for seconds where a client has connected and asked nothing.
func (s *Server) whenQuiet(ctx context.Context, done func()) {
	const look, linger = 2 * time.Millisecond, 100 * time.Millisecond // the last answer's last bytes need a moment
	ticker := time.NewTicker(look)
	defer ticker.Stop()
	for s.house.open.Load() > 0 || s.api.Open() > 0 {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
	time.AfterFunc(linger, done)
}

// ready says why requests cannot be served well; see /readyz.
func (s *Server) ready(ctx context.Context) error {
	select {
	case <-s.ending:
		return fault.New(fault.Unavailable, "The server is shutting down.")
	default:
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return s.db.Ping(ctx)
}

// retire lets the server end after its last turn.
func (s *Server) retire() {
	s.turns.Retire()
	s.retireOnce.Do(func() { close(s.retired) })
}
