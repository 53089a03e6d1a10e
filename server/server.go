package server

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/detach"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/provider/openai"
	"github.com/aichat-term/aichat/server/provider/upstream"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/visitor"
)

// Options are what a Server needs besides its Config.
type Options struct {
	Logger *slog.Logger // nil: discard

	// Transport makes the calls to providers; nil means upstream.NewTransport.
	Transport http.RoundTripper

	// Guarded makes those whose address the operator has not written; nil means
	// upstream.NewGuarded, as far as Config.PrivateHosts lets it reach.
	Guarded http.RoundTripper

	// SignInTransport makes the calls to identity providers; nil means
	// http.DefaultTransport.
	SignInTransport http.RoundTripper

	// Sender takes the letters in the place of Config.Mail's; nil: that one.
	Sender mail.Sender

	// NoJobs leaves letters and sweeping to other processes.
	NoJobs bool

	// DemoDelay is the time between two pieces of the demo's answer.
	DemoDelay time.Duration

	// Environment holds the variables from which the operator's own providers
	// are read beside the Config; nil: none.
	Environment map[string]string

	// API, Grants, Jobs, Generate and Turn tune the parts, for tests; their stores and the
	// like are set here.
	API      httpapi.Options
	Grants   signin.GrantOptions
	Jobs     job.Options
	Generate generate.Options
	Turn     turn.Options
}

func (o Options) logger() *slog.Logger {
	if o.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return o.Logger
}

// Server is the whole of it, behind no door yet.
type Server struct {
	config    Config
	log       *slog.Logger
	db        *store.DB
	directory *provider.Directory
	turns     *turn.Service
	plans     *plans
	rates     *rates
	policy    *quota.Metered
	keys      *keys
	revisions *revisions
	grants    *signin.Grants
	pages     *signin.Pages // nil: nobody can sign in
	jobs      *job.Runner   // nil: they are not worked here, and no operator asks
	options   Options
	revoked   *revocations
	api       *httpapi.API
	proxies   visitor.Proxies
	house     *house
	transport http.RoundTripper
	guarded   http.RoundTripper // where the operator has not written the address

	retired    chan struct{}
	retireOnce sync.Once
	ending     chan struct{} // closed when no new work is taken
}

// Open opens the database, brings it up to date, ends what an earlier process
// left, and puts the parts together. Close closes it, unless Serve has.
func Open(ctx context.Context, c Config, o Options) (*Server, error) {
	o.Logger = slog.New(requestLog{o.logger().Handler()})
	s := &Server{config: c, log: o.Logger, transport: o.Transport, retired: make(chan struct{}), ending: make(chan struct{})}
	if s.transport == nil {
		s.transport = upstream.NewTransport()
	}
	o.Transport = s.transport
	var err error
	if o.Guarded, err = c.guarded(o); err != nil {
		return nil, err
	}
	s.guarded = o.Guarded
	if s.proxies, err = c.proxies(); err != nil {
		return nil, err
	}
	s.db, err = store.Open(ctx, store.Options{Database: c.Database, Direct: c.DatabaseDirect, Warn: limitLetter(&c, o), Logger: o.Logger})
	if err != nil {
		return nil, err
	}
	if s.plans, err = newPlans(&c, s.db, o.Logger); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	if s.keys, err = openKeys(ctx, &s.config, s.db, o.Logger, c.ownMasterKey != ""); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	if s.directory, err = newDirectory(&c, o, s.keys.ring); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	if s.rates, err = newRates(c.Redis, o.Turn.Now, o.Logger); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	s.policy = s.plans.policy(s.rates.pacer, o.Turn.Now)
	s.revisions = newRevisions(s.db.Conversations(), s.db.Epoch(), s.lookEvery(), o.Logger)
	s.turns = turn.New(s.turnOptions(o))
	if err := s.turns.Start(ctx); err != nil {
		s.rates.close()
		return nil, errors.Join(err, s.db.Close())
	}
	if err := s.openAPI(o); err != nil {
		err = errors.Join(err, s.turns.Stop(ctx))
		s.rates.close()
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// openAPI puts the doors together.
func (s *Server) openAPI(o Options) error {
	s.options = o
	var err error
	if s.pages, err = newPages(&s.config, s.db, o); err != nil {
		return err
	}
	if !o.NoJobs {
		if s.jobs, err = newJobs(&s.config, s.db, o); err != nil {
			return err
		}
	}
	s.grants = s.newGrants(o)
	a := s.apiOptions(o)
	if err := s.keys.giveTo(&a, &s.config, o); err != nil {
		return err
	}
	known, err := newModels(&s.config, o.Environment, s.directory)
	if err != nil {
		return err
	}
	known.kept = s.db.Keys()
	a.Catalogue = known
	s.api = httpapi.New(a)
	s.revoked = &revocations{sessions: s.db.Identities(), end: s.api.End, log: o.Logger}
	if every := s.lookEvery(); every > 0 {
		s.revoked.follow(every)
	}
	s.keys.follow(s.lookEvery() > 0)
	s.house = &house{api: s.api}
	s.openDoors(o)
	return nil
}

// NewDirectory reads the catalogue and the operator's endpoints, without a
// database: what the server would offer, but for the vault's keys.
func NewDirectory(c Config, o Options) (*provider.Directory, error) {
	return newDirectory(&c, o, nil)
}

func newDirectory(c *Config, o Options, keys vault.Keys) (*provider.Directory, error) {
	if o.Transport == nil {
		o.Transport = upstream.NewTransport()
	}
	guarded, err := c.guarded(o)
	if err != nil {
		return nil, err
	}
	overrides, err := c.catalogueOverrides()
	if err != nil {
		return nil, err
	}
	catalogue, err := provider.LoadCatalogue(overrides)
	if err != nil {
		return nil, err
	}
	endpoints, err := c.endpoints(o.Environment)
	if err != nil {
		return nil, err
	}
	fallbacks, err := c.fallbacks()
	if err != nil {
		return nil, err
	}
	return provider.NewDirectory(provider.DirectoryOptions{
		Catalogue:    catalogue,
		Vendors:      vendors(&http.Client{Transport: o.Transport}, &http.Client{Transport: guarded}, o.DemoDelay, nil),
		Endpoints:    endpoints,
		Keys:         keys,
		Fallbacks:    fallbacks,
		DefaultModel: c.DefaultModel,
		OllamaURL:    openai.OllamaBaseURL,
		NoProbe:      c.NoOllamaProbe,
	}), nil
}

// guarded makes the calls whose address others than the operator have written.
func (c *Config) guarded(o Options) (http.RoundTripper, error) {
	if o.Guarded != nil {
		return o.Guarded, nil
	}
	reach, err := c.reach()
	if err != nil {
		return nil, err
	}
	return upstream.NewGuarded(upstream.GuardOptions{Reach: reach}), nil
}

// lookEvery is how often other processes' changes are looked for.
func (s *Server) lookEvery() time.Duration {
	if s.db.Exclusive() {
		return 0
	}
	return 2 * time.Second
}

func (s *Server) turnOptions(o Options) turn.Options {
	t := o.Turn
	t.Store, t.Conversations, t.Ledger = s.revisions.turns(s.db.Turns()), s.revisions.conversations, s.db.Ledger()
	t.Directory = s.directory
	t.Policy, t.Quota = s.policy, s.db.Quota()
	g := o.Generate
	g.Logger = o.Logger
	g.Keys = s.directory
	g.Patience = cmp.Or(g.Patience, s.config.Patience)
	t.Ratios = provider.NewRatios()
	g.Ratios = t.Ratios
	t.Caller = generate.New(g)
	t.Exclusive = s.db.Exclusive()
	t.Logger = o.Logger
	return t
}

func (s *Server) apiOptions(o Options) httpapi.Options {
	a := o.API
	identities(&a, &s.config, s.db, o)
	a.Authenticator = s.grants
	a.Entrance = entrance{s.db.SignIn(), s.pages, "operator"}
	if a.TestMail = testMail(&s.config, o); s.jobs != nil {
		a.Jobs = s.jobs
	}
	a.Conversations, a.Ratings = s.revisions.conversations, ratingsTold{s.db.Conversations(), s.revisions}
	a.Usage = s.db.Usage()
	a.Turns, a.Models, a.Changes = s.turns, s.directory, s.revisions
	a.Limits, a.Allowances, a.Plans, a.Counters = s.policy, s.policy, s.plans, s.db.Quota()
	a.Often = s.rates.visitors()
	a.Ready, a.Retire = s.ready, s.retire
	a.Logger = o.Logger
	if a.Version == "" {
		a.Version = version.String()
	}
	a.MinClient = version.MinClient
	a.Older = func(x, y string) bool { return version.Compare(x, y) < 0 }
	return a
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

// Grants is what lets programs in.
func (s *Server) Grants() *signin.Grants { return s.grants }

// DB is the server's database.
func (s *Server) DB() *store.DB { return s.db }

// Serve answers behind the doors until ctx ends, the server is retired or until
// idle says so (idle may be nil). Then it takes no new turns, lets the running
// ones end within the grace (a retired server waits for them), and closes
// everything. A nil error means that it ended because it should.
func (s *Server) Serve(ctx context.Context, idle <-chan struct{}, doors ...Door) error {
	if s.jobs != nil {
		if err := s.jobs.Start(ctx); err != nil {
			return errors.Join(err, s.shutdown(ctx, nil))
		}
	}
	rolling, stopRolling := context.WithCancel(context.WithoutCancel(ctx))
	var rolled sync.WaitGroup
	if s.jobs == nil && s.db.Exclusive() {
		rolled.Go(func() { s.rollUp(rolling) })
	}
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
	rolled.Wait()
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

// Close closes a server that has not been served.
func (s *Server) Close() error {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.api.CloseStreams()
	return errors.Join(s.turns.Stop(ctx), s.close())
}

func (s *Server) close() error {
	s.revisions.close()
	s.revoked.close()
	s.keys.close()
	s.grants.Close()
	s.rates.close()
	for _, transport := range []http.RoundTripper{s.transport, s.guarded} {
		if t, ok := transport.(interface{ CloseIdleConnections() }); ok {
			t.CloseIdleConnections()
		}
	}
	return s.db.Close()
}
