package server

import (
	"context"
	"errors"
	"io"
	"time"
)

// LocalOptions say how a local server runs.
type LocalOptions struct {
	Options

	// Socket is the absolute path of the Unix socket. Its folder must be the
	// user's own, with mode 0700.
	Socket string

	// Database is the path of the SQLite file.
	Database string

	// Idle is how long nothing may be asked before the server exits; zero:
	// for ever.
	Idle time.Duration

	// Grace and Patience are Config's.
	Grace, Patience time.Duration

	// Announce gets the line "ready" once connections are accepted; nothing is
	// written to it afterwards.
	Announce io.Writer
}

// Local serves one person's machine over a Unix socket, until ctx ends, it has
// been idle for long enough, its socket or its database is gone, or it is retired.
// ErrAlreadyRunning says that another process does so already.
//
// It takes providers from each request only, never from its own environment,
// which is that of whichever terminal happened to start it. Keys that are kept may
// lead anywhere: whoever keeps them is the operator. What seals them is a file of
// its own beside the database.
func Local(ctx context.Context, o LocalOptions) error {
	door, err := OpenSocket(o.Socket, o.logger())
	if err != nil {
		return err
	}
	o.Environment, o.NoJobs = nil, true
	s, err := Open(ctx, Config{Database: o.Database, Grace: o.Grace, Patience: o.Patience, PrivateHosts: []string{"*"},
		ownMasterKey: o.Database + masterKeySuffix}, o.Options)
	if err != nil {
		return errors.Join(err, door.Close())
	}
	if _, err := io.WriteString(o.Announce, "ready\n"); err != nil {
		s.log.Warn("nobody waits for the server", "error", err)
	}
	// Without its database it stops as if it were told to: what ends cannot be
	// stored, and the next server cannot begin while this one waits for it.
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go s.watchDatabase(ctx, stop)
	go s.retireWithout(ctx, door)
	err = s.serve(ctx, s.idle(ctx, o.Idle), Door{Listener: door.Listener, Local: true})
	return errors.Join(err, door.Close())
}

// retireWithout lets the server end after its last turn when the socket is gone:
// whoever wants a server then starts another, which cannot have the database
// while this one holds it.
func (s *Server) retireWithout(ctx context.Context, door *Socket) {
	ticker := time.NewTicker(s.options.look())
	defer ticker.Stop()
	for !door.Lost() {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
	s.log.Warn("the socket is gone", "socket", door.path)
	s.retire()
}

// idle is closed when nothing has been asked and nothing has run for that long.
func (s *Server) idle(ctx context.Context, limit time.Duration) <-chan struct{} {
	if limit <= 0 {
		return nil
	}
	over := make(chan struct{})
	go func() {
		wait := time.NewTimer(limit)
		defer wait.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-wait.C:
			}
			quiet := s.api.Idle()
			if s.turns.Running() > 0 {
				quiet = 0
			}
			if quiet >= limit {
				close(over)
				return
			}
			wait.Reset(limit - quiet)
		}
	}()
	return over
}
