package generate

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// Options is how a Caller calls. The zero Options is ready for use.
type Options struct {
	// Attempts is how often a model is tried, before its first token. A key that
	// is refused where there is another does not count; one that is silent for all
	// the time that it may be is not tried again. Zero means 3.
	Attempts int

	// Backoff is the longest wait before the second attempt; it doubles with
	// each further one, and a random half of it is taken. Zero means 1 s.
	Backoff time.Duration

	// Patience is the longest wait that a provider may ask for with
	// Retry-After; asked for more, the call fails at once and says so. Zero
	// means 20 s.
	Patience time.Duration

	// FirstToken is how long a provider may be silent before its first token: to its
	// first event, and from one sign of life to the next while it thinks. Response
	// bounds it until the response begins, where a vendor begins it at once; see
	// beginsAtOnce. Silence is how long it may be silent from then on. Zero means 5
	// minutes, 2 and 3.
	FirstToken time.Duration
	Response   time.Duration
	Silence    time.Duration

	// MaxAnswer bounds one answer's bytes, reasoning included, however many tokens it
	// may have. Zero means 16 MiB.
	MaxAnswer int

	// Keys opens the keys of routes and is told how they fare. Nil: they are open.
	Keys Keys

	// Ratios learn from what providers report how long prompts are; nil: nobody
	// learns.
	Ratios *provider.Ratios

	// Now defaults to time.Now, Jitter to a random number in [0, 1).
	Now    func() time.Time
	Jitter func() float64

	// Logger defaults to slog.Default.
	Logger *slog.Logger
}

func (o Options) withDefaults() Options {
	or := func(d *time.Duration, otherwise time.Duration) {
		if *d == 0 {
			*d = otherwise
		}
	}
	or(&o.Backoff, time.Second)
	or(&o.Patience, 20*time.Second)
	or(&o.FirstToken, 5*time.Minute)
	or(&o.Response, 2*time.Minute)
	or(&o.Silence, 3*time.Minute)
	if o.Attempts == 0 {
		o.Attempts = 3
	}
	if o.MaxAnswer == 0 {
		o.MaxAnswer = 16 << 20
	}
	if o.Keys == nil {
		o.Keys = openKeys{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Jitter == nil {
		o.Jitter = rand.Float64
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	return o
}

// Keys is what a Caller asks of those who keep keys; provider.Directory is it. Its
// methods are called for each attempt.
type Keys interface {
	// Open returns the endpoint ready to be called, or a fault; NoKey where another
	// may serve.
	Open(ctx context.Context, e provider.Endpoint) (provider.Endpoint, error)

	// Note tells how an attempt has gone: err is nil once the provider has taken the
	// request, else the fault with which it did not; again, where it took it and
	// refused the key then. It does not wait.
	Note(e *provider.Endpoint, err error)
}

// openKeys are those that came with their endpoints.
type openKeys struct{}

func (openKeys) Open(_ context.Context, e provider.Endpoint) (provider.Endpoint, error) {
	return e, nil
}
func (openKeys) Note(*provider.Endpoint, error) {}

// Caller makes calls. It is safe for concurrent use.
type Caller struct {
	options Options
	crowd   crowd
}

// New returns a Caller.
func New(o Options) *Caller { return &Caller{options: o.withDefaults()} }

// Call is one call to make.
type Call struct {
	Account identity.AccountID
	Member  identity.UserID
	Kind    usage.Kind

	// Turn and Conversation are for the ledger; empty where there is none.
	Turn         string
	Conversation string

	// Route is where the call goes; its Others are tried in order where it does not
	// serve, before the first token, when Run lets go of them.
	Route provider.Route

	// Request is what is asked, of Route's model. Run sets it to nil at the first token, when it
	// is not needed any more: a prompt is often much larger than its answer.
	Request *provider.Request
	guessed int64 // its tokens, once it is gone
	text    bool  // it is nothing but text, once it is gone

	// Ratio makes a better guess of the prompt's tokens; zero: none is known.
	Ratio provider.Ratio

	// Charged and Reservation are the hold's; see quota.Hold.
	Charged     bool
	Reservation string
}

// release lets go of the request.
func (c *Call) release() {
	c.guessed, c.text = c.guess()
	c.Request = nil
}

// guess is how many tokens the request seems to have, and whether it is nothing
// but text, also when it is gone.
func (c *Call) guess() (tokens int64, text bool) {
	if c.Request == nil {
		return c.guessed, c.text
	}
	return provider.EstimatePrompt(c.Request), provider.OnlyText(c.Request)
}

// promptTokens estimates the tokens of the request, as well as is known.
func (c *Call) promptTokens() int64 {
	tokens, _ := c.guess()
	return c.Ratio.Of(tokens)
}

// Sink takes what a call brings. Its methods are called by one goroutine, in
// order, and must not block.
type Sink interface {
	// Event is called for every event that is part of the answer: deltas and
	// opaque parts. The event is valid during the call only.
	Event(ev *provider.Event)

	// Flush is called when what the last events brought is all there is for now:
	// it is to go on its way.
	Flush()

	// Retrying is called before the next attempt.
	Retrying(next Next)
}

// Next is what is done about an attempt that failed.
type Next struct {
	Attempt int
	Wait    time.Duration
	Why     error // the fault

	// Route is the next attempt's. Elsewhere says that it is another model's than
	// that of the last: what comes is its answer.
	Route     *provider.Route
	Elsewhere bool
}

// Result is what came of a call.
type Result struct {
	// Err is nil for a complete answer; else a fault that says why it ended.
	Err error

	// Finish says why a complete answer ended.
	Finish provider.FinishReason

	// Route is the last attempt's: whose answer it is, if there is one.
	Route provider.Route

	// Entry is the ledger's row of the last attempt, which is the answer's;
	// Entries are the rows of all attempts that may be billed, it included.
	// Without any (every attempt was refused) Entry is the zero Entry.
	Entry   usage.Entry
	Entries []usage.Entry
}
