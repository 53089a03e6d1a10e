package server

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"

	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/visitor"
)

// Server is the whole of it, behind no door yet.
type Server struct {
	config  Config
	options Options
	log     *slog.Logger
	proxies visitor.Proxies

	db        *store.DB
	providers *providers
	plans     *plans
	rates     *rates
	policy    *quota.Metered
	revisions *revisions
	turns     *turn.Service
	pages     *signin.Pages // nil: nobody can sign in
	grants    *signin.Grants
	jobs      *job.Runner // nil: they are not worked here, and no operator asks
	api       *httpapi.API
	house     *house
	revoked   *revocations

	ends []func() error // of the parts that are open, in their order

	retired    chan struct{}
	retireOnce sync.Once
	ending     chan struct{} // closed when no new work is taken
}

// Open opens the database, brings it up to date, ends what an earlier process
// left, and puts the parts together. Close closes it, unless Serve has.
func Open(ctx context.Context, c Config, o Options) (*Server, error) {
	o.Logger = slog.New(requestLog{o.logger().Handler()})
	s := &Server{config: c, options: o, log: o.Logger, retired: make(chan struct{}), ending: make(chan struct{})}
	var err error
	if s.proxies, err = c.proxies(); err != nil {
		return nil, err
	}
	for _, open := range []func(context.Context) error{
		s.openDatabase,
		s.openProviders,
		s.openLimits,
		s.openTurns,
		s.openSignIn,
		s.openJobs,
		s.openDoors,
		s.followOthers,
	} {
		if err := open(ctx); err != nil {
			return nil, errors.Join(err, s.close())
		}
	}
	return s, nil
}

// atEnd has close call end, before the ends of what was opened earlier.
func (s *Server) atEnd(end func()) {
	s.ends = append(s.ends, func() error { end(); return nil })
}

// Grants is what lets programs in.
func (s *Server) Grants() *signin.Grants { return s.grants }

// DB is the server's database.
func (s *Server) DB() *store.DB { return s.db }

// Close closes a server that has not been served.
func (s *Server) Close() error {
	s.api.CloseStreams()
	return s.close()
}

// close closes what is open, the last first.
func (s *Server) close() error {
	var failed []error
	for _, end := range slices.Backward(s.ends) {
		failed = append(failed, end())
	}
	return errors.Join(failed...)
}
