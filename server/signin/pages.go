package signin

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
)

// PageOptions say what Pages work with. Store, People, Users, Externals, Audit
// and URL must be set.
type PageOptions struct {
	Store     PageStore
	People    PeopleStore
	Users     identity.Users
	Externals identity.Externals
	Audit     identity.Audit

	// Letters queues letters that come of no change in a store: nil, none are
	// written.
	Letters Outbox

	// Providers are offered in this order. No two have one name.
	Providers []Provider

	// Email says that mail can be sent, so that codes by e-mail are offered.
	Email bool

	// Policy says who may sign up; the zero Policy: whoever was invited.
	Policy Policy

	// URL is the server's public address, without a slash at the end, such as
	// https://chat.example.com.
	URL string

	// BrowserLifetime is how long a browser stays signed in; 0: 12 hours.
	BrowserLifetime time.Duration

	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: discard
}

// Outbox queues letters.
type Outbox interface {
	Queue(ctx context.Context, l mail.Letter) error
}

// How long what is under way waits for the person. Each ends by itself.
const (
	visitLifetime = time.Hour        // a browser that nobody has signed in with
	loginLifetime = 10 * time.Minute // at an identity provider
	codeLifetime  = 10 * time.Minute // a code by e-mail
	linkLifetime  = 15 * time.Minute // the owner's link
)

func (o PageOptions) complete() PageOptions {
	o.BrowserLifetime = cmp.Or(o.BrowserLifetime, 12*time.Hour)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Pages lets people in: it is what the door web shows forms for. It is safe for
// concurrent use, and keeps nothing itself.
type Pages struct {
	PageOptions
}

// NewPages makes Pages.
func NewPages(o PageOptions) *Pages {
	return &Pages{PageOptions: o.complete()}
}

// Provider finds an identity provider by its name; NotFound.
func (p *Pages) provider(name string) (Provider, error) {
	i := slices.IndexFunc(p.Providers, func(one Provider) bool { return one.Name() == name })
	if i < 0 {
		return nil, fault.New(fault.NotFound, "This server has no such way to sign in. Choose one of those on the sign-in page.")
	}
	return p.Providers[i], nil
}

// callback is where a provider sends the browser back to.
func (p *Pages) callback(name string) string { return p.URL + "/signin/" + name + "/callback" }

// record appends a security event. What it tells of has happened: that it cannot
// be written is for the log, and undoes nothing.
func (p *Pages) record(ctx context.Context, e identity.Event) {
	e.ID, e.At = newID(), p.Now()
	e.By = cmp.Or(e.By, string(e.User))
	// Whoever asked may have closed the page; the event is about the server.
	if err := p.Audit.Record(context.WithoutCancel(ctx), e); err != nil {
		p.Logger.LogAttrs(ctx, slog.LevelError, "security event not recorded",
			slog.String("what", string(e.What)), slog.Any("error", err))
	}
}

// refused records a sign-in that was turned down, with the reason for the
// operator, and returns the fault for the person.
func (p *Pages) refused(ctx context.Context, v Visit, err error, detail string) error {
	p.record(ctx, identity.Event{What: identity.SignInRefused, User: v.User, Address: v.Seen.Address, Detail: detail})
	return err
}
