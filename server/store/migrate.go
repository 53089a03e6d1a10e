package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"github.com/aichat-term/aichat/migrations"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
)

// schema is what a database says of itself: the step that it is at, and the
// oldest program that may open it. The zero schema is an empty database's.
type schema struct {
	version, minimum int64
	epoch            string
}

// Migrate brings the schema of a database up to date and returns the versions
// before and after.
func Migrate(ctx context.Context, o Options) (from, to int64, err error) {
	o = o.withDefaults()
	db, err := connect(ctx, o)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	before, err := db.readSchema(ctx)
	if err != nil {
		return 0, 0, db.fault(ctx, err)
	}
	o.NoMigrate = false
	if err := db.prepare(ctx, o); err != nil {
		return 0, 0, db.fault(ctx, err)
	}
	return before.version, max(before.version, migrations.Version), nil
}

// prepare makes sure that program and schema fit, migrating where they do not.
// A current schema costs two short queries: the library that migrates is not
// woken for it.
func (db *DB) prepare(ctx context.Context, o Options) error {
	s, err := db.readSchema(ctx)
	if err != nil {
		return err
	}
	if db.founded = s.version == 0; db.founded && o.Existing {
		return none(o.Database)
	}
	if s.version < migrations.Version {
		if o.NoMigrate {
			return fault.New(fault.Unavailable,
				"The database's schema is at version %d and this program needs %d: run aichat-server migrate up.",
				s.version, migrations.Version)
		}
		if err := db.migrate(ctx, o); err != nil {
			return err
		}
		if s, err = db.readSchema(ctx); err != nil {
			return err
		}
	}
	if s.minimum > migrations.Version {
		return fault.New(fault.Unavailable, "The database was last used by a newer aichat-server: its schema, "+
			"version %d, needs a program that knows version %d, and this one knows %d. Please update aichat-server.",
			s.version, s.minimum, migrations.Version)
	}
	db.epoch, err = db.settleEpoch(ctx, s.epoch)
	return err
}

// readSchema reads from the writing pool: the reading one cannot create the
// write-ahead log that a fresh file lacks.
func (db *DB) readSchema(ctx context.Context) (s schema, err error) {
	var tables int
	if err := db.write.QueryRowContext(ctx, db.dialect.hasMeta).Scan(&tables); err != nil || tables == 0 {
		return s, err
	}
	err = db.write.QueryRowContext(ctx, `SELECT schema, minimum, epoch FROM meta`).
		Scan(&s.version, &s.minimum, &s.epoch)
	return s, err
}

// settleEpoch gives a new store its epoch, once.
func (db *DB) settleEpoch(ctx context.Context, epoch string) (string, error) {
	if epoch != "" {
		return epoch, nil
	}
	if _, err := db.write.ExecContext(ctx, `UPDATE meta SET epoch = $1 WHERE epoch = ''`, conversation.NewID()); err != nil {
		return "", err
	}
	s, err := db.readSchema(ctx)
	return s.epoch, err
}

// migrate runs what steps are missing, each in a transaction of its own. Of two
// processes that start at once one waits for the other and finds nothing to do:
// on Postgres by a lock of the session, on SQLite by the lock on the file,
// which we hold.
func (db *DB) migrate(ctx context.Context, o Options) error {
	pool, options, closePool, err := db.migrationPool(ctx, o)
	if err != nil {
		return err
	}
	defer closePool()
	provider, err := goose.NewProvider(db.dialect.goose, pool, db.dialect.steps, options...)
	if err != nil {
		return fault.Wrap(err, fault.Internal, "The program's own migrations cannot be read.")
	}
	results, err := provider.Up(ctx)
	if err != nil {
		return db.migrationFault(err)
	}
	for _, r := range results {
		db.log.InfoContext(ctx, "schema migrated", "step", stepName(r.Source), "duration", r.Duration)
	}
	return nil
}

// migrationFault names the step that failed; all before it are done, and of it
// itself nothing is.
func (db *DB) migrationFault(err error) error {
	step := "a step"
	if e, ok := errors.AsType[*goose.PartialError](err); ok {
		step = "step " + stepName(e.Failed.Source)
	}
	why := "its cause is in the log"
	if f := fault.Of(db.dialect.fault(err)); f.Kind == fault.Unavailable {
		why = f.Public()
	}
	return fault.Wrap(err, fault.Unavailable,
		"The database's schema could not be brought up to date: %s failed and was undone; %s", step, why)
}

// migrationPool is where migrations run: the writer of SQLite, or a connection
// of its own to Postgres, past any pooler.
func (db *DB) migrationPool(ctx context.Context, o Options) (*sql.DB, []goose.ProviderOption, func(), error) {
	options := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true), goose.WithSlog(db.log)}
	if !o.postgres() {
		return db.write, append(options, goose.WithGoMigrations(db.riverStep(db.jobs))), func() {}, nil
	}
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 600)) // ask every second for ten minutes
	if err != nil {
		return nil, nil, nil, fmt.Errorf("session locker: %w", err)
	}
	pool, err := pgPool(ctx, o.Direct)
	if err != nil {
		return nil, nil, nil, err
	}
	direct := stdlib.OpenDBFromPool(pool)
	options = append(options, goose.WithSessionLocker(locker), goose.WithGoMigrations(db.riverStep(jobPool{pg: pool})))
	return direct, options, func() {
		_ = direct.Close() // nothing is pending on it
		pool.Close()
	}, nil
}
