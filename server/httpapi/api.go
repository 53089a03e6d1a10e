package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
	"github.com/aichat-term/aichat/server/visitor"
)

// Turns is what the API asks of the turns.
type Turns interface {
	// Begin starts a turn, or attaches to it where the same request began it
	// before: created is false then. after is the position from which the feed
	// tells.
	Begin(ctx context.Context, p identity.Principal, req turn.Request, after int64) (feed turn.Feed, created bool, err error)
	Attach(ctx context.Context, p identity.Principal, id turn.ID, after int64) (turn.Feed, error)
	Status(ctx context.Context, p identity.Principal, id turn.ID) (turn.Status, error)
	Cancel(ctx context.Context, p identity.Principal, id turn.ID) error

	// Running counts the turns that run in this process.
	Running() int
	Retiring() bool
}

// Models knows the models that a caller may ask.
type Models interface {
	Models(ctx context.Context, c provider.Caller) ([]provider.Offer, []provider.Problem)

	// Route finds a model as a user wrote it; ModelUnknown.
	Route(ctx context.Context, c provider.Caller, model string) (provider.Route, error)
}

// Changes tells of an account's new revisions. The channel may skip revisions
// but always comes to the newest; stop ends it.
type Changes interface {
	Watch(account identity.AccountID) (revisions <-chan int64, stop func())
}

// Browsers ends what browsers are signed in to.
type Browsers interface {
	// RemoveBrowsers ends all sessions of a user.
	RemoveBrowsers(ctx context.Context, user identity.UserID) error
}

// Options are what an API is made of. All of it is required unless it says
// otherwise.
type Options struct {
	// Authenticator finds out who shows a bearer token.
	Authenticator identity.Authenticator

	Users     identity.Users
	Externals identity.Externals
	Tokens    identity.Tokens
	Sessions  identity.Sessions
	Browsers  Browsers
	Audit     identity.Audit

	// Letters queues what is written to people, URL is the server's public address
	// in it; nil: nothing is written.
	Letters signin.Outbox
	URL     string

	// Entrance lets people in, for the operator's routes. Nil where there is no
	// operator's door.
	Entrance Entrance

	// Jobs is the queue, and TestMail sends a letter at once and says through
	// whom, for the operator's routes. Nil where there is no operator's door.
	Jobs     Jobs
	TestMail func(ctx context.Context, to string) (through string, err error)

	Conversations conversation.Store
	Ratings       conversation.Ratings
	Usage         usage.Reader
	Turns         Turns
	Models        Models
	Changes       Changes

	// Limits may be nil: nothing is limited then. Plans is for the operator.
	Limits Limits
	Plans  Plans

	// Contact is whom to ask for another plan: an e-mail address or a URL; empty:
	// the operator has not said.
	Contact string

	// Counters proves what is counted against the limits, Hours the sums that usage is
	// told from; for the operator.
	Counters quota.Audit
	Hours    usage.Audit

	// Keys keeps provider keys, ListModels tries them, Reach says which addresses
	// people may keep with theirs.
	Keys       Keys
	ListModels ModelLister
	Reach      Reach

	// Often makes what counts how often people do what must not be done often; nil:
	// this process counts alone.
	Often visitor.Limits

	// Choices may be nil: every account may ask every model then. Catalogue is
	// for the operator.
	Choices   Choices
	Catalogue Catalogue

	// Ready says whether requests can be served: nil, or why not.
	Ready func(context.Context) error

	// Retire begins the end of a local server: no new turns, and an exit when
	// the last has ended. Nil where there is no local door.
	Retire func()

	Version string

	// MinClient is the oldest client served; empty: any. Older says whether
	// version a is older than b.
	MinClient string
	Older     func(a, b string) bool

	// Heartbeat is how long a stream may be silent, 15 s if zero. Patience is
	// how long a client may take nothing of what is sent, 30 s if zero.
	Heartbeat time.Duration
	Patience  time.Duration

	Logger *slog.Logger
	Now    func() time.Time // time.Now if nil
}

// API serves the native API. It is an http.Handler, safe for concurrent use.
type API struct {
	Options
	log    *slog.Logger
	engine *gin.Engine
	huma   huma.API
	rows   map[place]*row

	owner    localOwner
	tests    visitor.Limiter // of own keys, by user
	holders  *holders
	document func() ([]byte, error)
	page     func() ([]byte, error)

	quit     chan struct{} // closed when streams without an end of their own must end
	quitOnce sync.Once
	activity activity
}

// place is where a row of the table stands.
type place struct{ method, path string }

// New returns an API. The description (/openapi.json, /docs) is made when it is
// first asked for.
func New(o Options) *API {
	if o.Heartbeat == 0 {
		o.Heartbeat = 15 * time.Second
	}
	if o.Patience == 0 {
		o.Patience = 30 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Often == nil {
		o.Often = visitor.Alone(o.Now)
	}
	a := &API{Options: o, log: o.Logger, rows: map[place]*row{}, quit: make(chan struct{}), holders: newHolders(o.Now),
		tests: o.Often("key_tests", testRate)}
	a.document = sync.OnceValues(a.renderDocument)
	a.page = sync.OnceValues(a.renderPage)
	a.engine = newEngine(a)
	a.huma = newHuma(a)
	for _, r := range a.table() {
		a.rows[place{r.method, ginPath(r.path)}] = &r
		r.mount(a, r)
	}
	return a
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.activity.begin(a.Now())
	defer func() { a.activity.end(a.Now()) }()
	a.engine.ServeHTTP(w, r)
}

// CloseStreams ends the streams that have no end of their own, those of
// GET /api/v1/events, now and for ever: a server that shuts down calls it.
// Streams of turns end with their turns.
func (a *API) CloseStreams() { a.quitOnce.Do(func() { close(a.quit) }) }

// Drain waits until no request is being answered. Streams that are still open
// when ctx ends are cut off: nobody else ends them, since their handlers have
// returned.
func (a *API) Drain(ctx context.Context) {
	ticker := time.NewTicker(2 * time.Millisecond)
	defer ticker.Stop()
	for a.Open() > 0 {
		select {
		case <-ctx.Done():
			a.holders.endAll()
			return
		case <-ticker.C:
		}
	}
}

// Open counts the requests that are being answered, streams included.
func (a *API) Open() int { return int(a.activity.open.Load()) }

// Idle reports for how long no request has been open; zero while one is.
func (a *API) Idle() time.Duration { return a.activity.idle(a.Now()) }

// activity counts the open requests and remembers when the last one ended.
type activity struct {
	open atomic.Int64
	last atomic.Int64 // Unix nanoseconds
}

func (t *activity) begin(time.Time)   { t.open.Add(1) }
func (t *activity) end(now time.Time) { t.last.Store(now.UnixNano()); t.open.Add(-1) }
func (t *activity) idle(now time.Time) time.Duration {
	if t.open.Load() > 0 {
		return 0
	}
	last := t.last.Load()
	if last == 0 {
		t.last.CompareAndSwap(0, now.UnixNano())
		return 0
	}
	return now.Sub(time.Unix(0, last))
}
