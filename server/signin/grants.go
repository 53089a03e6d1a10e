package signin

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// GrantOptions say what Grants work with. Store, Sessions, Tokens, Audit and
// Clients must be set.
type GrantOptions struct {
	Store    GrantStore
	Sessions identity.Sessions
	Tokens   identity.Tokens
	Audit    identity.Audit

	// Clients are the ids of the programs that may ask. All are public clients:
	// they have no secret, and their id is no proof (RFC 6749, section 2.1).
	Clients []string

	// Ended hears of sessions that have just been ended, so that what they have
	// open ends at once; nil: nobody does. It must not wait.
	Ended func(ids ...string)

	DeviceLifetime  time.Duration // of a device request; 0: 10 minutes
	Interval        time.Duration // between two polls, at first; 0: 5 seconds
	AccessLifetime  time.Duration // of an access token; 0: 15 minutes
	IdleLifetime    time.Duration // of a session that is not refreshed; 0: 30 days
	SessionLifetime time.Duration // of a session, whatever happens; 0: 180 days

	// Grace is how long after its first use a refresh token is answered again in
	// the same way, for a program that did not hear the first answer; 0: 30
	// seconds.
	Grace time.Duration

	Now    func() time.Time // nil: time.Now
	Logger *slog.Logger     // nil: discard
}

const day = 24 * time.Hour

func (o GrantOptions) complete() GrantOptions {
	o.DeviceLifetime = cmp.Or(o.DeviceLifetime, 10*time.Minute)
	o.Interval = cmp.Or(o.Interval, 5*time.Second)
	o.AccessLifetime = cmp.Or(o.AccessLifetime, 15*time.Minute)
	o.IdleLifetime = cmp.Or(o.IdleLifetime, 30*day)
	o.SessionLifetime = cmp.Or(o.SessionLifetime, 180*day)
	o.Grace = cmp.Or(o.Grace, 30*time.Second)
	if o.Ended == nil {
		o.Ended = func(...string) {}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// Grants lets programs in: it is the authorization server behind the door
// oauth, and finds out who shows a token to any other door. It is safe for
// concurrent use.
type Grants struct {
	GrantOptions
	seen *sightings
}

// NewGrants makes Grants. Close ends them.
func NewGrants(o GrantOptions) *Grants {
	o = o.complete()
	return &Grants{GrantOptions: o, seen: newSightings(o.Logger)}
}

// Close waits for what is still being written. It comes before the store is
// closed, and after the last request.
func (g *Grants) Close() { g.seen.close() }

// checkClient refuses programs that are not known here, with "client_id" as the
// fault's Subject.
func (g *Grants) checkClient(id string) error {
	if slices.Contains(g.Clients, id) {
		return nil
	}
	return &fault.Error{Kind: fault.Unauthenticated, Subject: SubjectClient,
		Message: "This server knows no client of that id; it must be one of those that it was built with."}
}

// SubjectClient is the Subject of the fault that refuses a client id.
const SubjectClient = "client_id"

// record appends a security event. What it tells of has happened: that it cannot
// be written is for the log, and undoes nothing.
func (g *Grants) record(ctx context.Context, e identity.Event) {
	e.ID, e.At = newID(), g.Now()
	// The program that asked may be gone by now; the event is about the server.
	if err := g.Audit.Record(context.WithoutCancel(ctx), e); err != nil {
		g.Logger.LogAttrs(ctx, slog.LevelError, "security event not recorded",
			slog.String("what", string(e.What)), slog.Any("error", err))
	}
}

// newID makes an id that sorts by time (UUIDv7).
func newID() string { return uuid.Must(uuid.NewV7()).String() }
