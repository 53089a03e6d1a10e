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
	db, err := store.Open(ctx, store.Options{Database: c.Database, Direct: c.DatabaseDirect, Logger: o.logger()})
	if err != nil {
		return nil, err
	}
	pages, err := newPages(&c, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a := httpapi.Options{Logger: o.logger(), Version: version.String()}
	identities(&a, &c, db, o)
	a.Entrance = entrance{db.SignIn(), pages, "operator"}
	a.Usage = db.Usage()
	if a.Jobs, err = newJobs(&c, db, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.TestMail = testMail(&c, o)
	if a.Plans, err = newPlans(&c, db, o.logger()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	a.Counters = db.Quota()
	// Leniently: the operator may have come to remove what cannot be read.
	k, err := openKeys(ctx, &c, db, slog.New(slog.DiscardHandler), true)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := k.giveTo(&a, &c, o); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	directory, err := newDirectory(&c, o, k.ring)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	known, err := newModels(&c, o.Environment, directory)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	known.kept = db.Keys()
	a.Catalogue = known
	return &Operator{db: db, keys: k, api: httpapi.New(a)}, nil
}

// identities gives the API the stores of who there is.
func identities(a *httpapi.Options, c *Config, db *store.DB, o Options) {
	ids := db.Identities()
	a.Users, a.Externals, a.Tokens, a.Sessions, a.Audit = ids, ids, ids, ids, ids
	a.Browsers = db.SignIn()
	a.Letters, a.URL = letters(c, db, o), c.PublicURL()
}

// ServeHTTP implements http.Handler.
func (o *Operator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.api.ServeHTTP(w, r.WithContext(httpapi.OperatorContext(r.Context())))
}

// Close closes the database.
func (o *Operator) Close() error {
	noted := o.keys.ring.Flush(context.Background())
	return errors.Join(noted, o.db.Close())
}
