package server

import (
	"log/slog"
	"net/http"
	"time"

	"github.com/aichat-term/aichat/server/generate"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
	"github.com/aichat-term/aichat/server/turn"
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

	// Existing refuses to found a database where there is none: the error has
	// store.ErrNone in its chain.
	Existing bool

	// NoJobs leaves letters and sweeping to other processes.
	NoJobs bool

	// Look is how often the database's file and a local server's socket are looked
	// for; zero: every 2 seconds.
	Look time.Duration

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
