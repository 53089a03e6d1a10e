package server

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/aichat-term/aichat/client/version"
	"github.com/aichat-term/aichat/server/httpapi"
	"github.com/aichat-term/aichat/server/store"
)

// Operator answers the operator's API on a database that no server holds: for
// commands, in their own process. It is an http.Handler, every request of which
// comes from the operator. Close closes the database.
type Operator struct {
	db   *store.DB
	keys *keys
	api  *httpapi.API
}

// OpenOperator opens the database, and brings it up to date.
func OpenOperator(ctx context.Context, c Config, o Options) (*Operator, error) {
	db, err := store.Open(ctx, store.Options{Database: c.Database, Direct: c.DatabaseDirect, Existing: o.Existing, Logger: o.logger()})
	if err != nil {
		return nil, err
	}
	op := &Operator{db: db}
	if err := op.open(ctx, &c, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return op, nil
}

// open puts the API together.
func (op *Operator) open(ctx context.Context, c *Config, o Options) error {
	pages, err := newPages(c, op.db, o)
	if err != nil {
		return err
	}
	a := httpapi.Options{Logger: o.logger(), Version: version.String()}
	identities(&a, c, op.db, o)
	a.Entrance = entrance{op.db.SignIn(), pages, "operator"}
	a.Usage, a.Hours, a.Counters = op.db.Usage(), op.db.Usage(), op.db.Quota()
	a.TestMail = testMail(c, o)
	if a.Jobs, err = newJobs(c, op.db, o); err != nil {
		return err
	}
	if a.Plans, err = newPlans(c, op.db, o.logger()); err != nil {
		return err
	}
	// Leniently: the operator may have come to remove what cannot be read.
	p, err := openProviders(ctx, c, op.db, o, slog.New(slog.DiscardHandler), true)
	if err != nil {
		return err
	}
	p.giveTo(&a)
	op.keys, op.api = p.keys, httpapi.New(a)
	return nil
}

// identities gives the API the stores of who there is.
func identities(a *httpapi.Options, c *Config, db *store.DB, o Options) {
	ids := db.Identities()
	a.Users, a.Externals, a.Tokens, a.Sessions, a.Audit = ids, ids, ids, ids, ids
	a.Browsers = db.SignIn()
	a.Letters, a.URL = letters(c, db, o), c.PublicURL()
}

// ServeHTTP implements http.Handler.
func (op *Operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	op.api.ServeHTTP(w, r.WithContext(httpapi.OperatorContext(r.Context())))
}

// Founded reports whether there was no database before.
func (op *Operator) Founded() bool { return op.db.Founded() }

// Close closes the database.
func (op *Operator) Close() error {
	noted := op.keys.ring.Flush(context.Background())
	return errors.Join(noted, op.db.Close())
}
