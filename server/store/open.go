package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// Options says which database to open, and how.
type Options struct {
	// Database is a postgres:// URL or the path of a SQLite file, which is
	// created if it does not exist.
	Database string

	// Direct is a Postgres URL that reaches the server without a transaction
	// pooler: migrations hold a session's lock. Empty: Database.
	Direct string

	// NoMigrate refuses a database whose schema is older than the program's,
	// instead of bringing it up to date.
	NoMigrate bool

	// Existing refuses a place without a database of ours with ErrNone and makes
	// nothing there, instead of founding one.
	Existing bool

	// Warn makes the letter that tells an account's owner how far a limit is used;
	// nil: none is written. Of the user it is told the name, the address and the
	// locale.
	Warn func(owner identity.User, w quota.Warning) mail.Letter

	Logger *slog.Logger     // nil: discard
	Now    func() time.Time // nil: time.Now
}

func (o Options) withDefaults() Options {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Direct == "" {
		o.Direct = o.Database
	}
	return o
}

func (o Options) postgres() bool {
	return strings.HasPrefix(o.Database, "postgres://") || strings.HasPrefix(o.Database, "postgresql://")
}

// DB is an open database. It is safe for concurrent use.
type DB struct {
	dialect *dialect
	sql     statements
	write   *sql.DB    // SQLite: the writer's connection, and one for migrations
	read    *sql.DB    // Postgres: the same pool
	writer  *writer    // nil on Postgres
	indexer *indexer   // nil on Postgres, which indexes at once
	keeper  *logKeeper // SQLite only
	reader  querier    // the reading pool, as queries see it
	jobs    jobPool
	file    *file // nil on Postgres
	release func() error
	epoch   string
	founded bool
	warn    func(identity.User, quota.Warning) mail.Letter // nil: nobody is written to
	log     *slog.Logger
	now     func() time.Time
}

// The promises kept here.
var (
	_ conversation.Store = (*Conversations)(nil)
	_ usage.Store        = (*Ledger)(nil)
	_ turn.Store         = (*Turns)(nil)
)

// Conversations implements conversation.Store.
type Conversations struct{ db *DB }

// Ledger implements usage.Store.
type Ledger struct{ db *DB }

// Turns implements turn.Store.
type Turns struct{ db *DB }

// Conversations returns the store of conversations and messages.
func (db *DB) Conversations() *Conversations { return &Conversations{db} }

// Ledger returns the usage ledger.
func (db *DB) Ledger() *Ledger { return &Ledger{db} }

// Turns returns the store of turns.
func (db *DB) Turns() *Turns { return &Turns{db} }

// ErrNone is in the chain of the fault that says that there is no database.
var ErrNone = errors.New("store: no database there")

// Open opens the database and brings its schema up to date. Every failure is an
// Unavailable fault that says what to do.
func Open(ctx context.Context, o Options) (*DB, error) {
	db, err := connect(ctx, o.withDefaults())
	if err != nil {
		return nil, err
	}
	db.warn = o.Warn
	if err := db.prepare(ctx, o.withDefaults()); err != nil {
		_ = db.Close() // err says why
		return nil, db.fault(ctx, err)
	}
	if db.file != nil {
		db.file.know()
	}
	if db.indexer != nil {
		db.indexer.wake(nil)
	}
	return db, nil
}

// connect opens the database whatever its schema.
func connect(ctx context.Context, o Options) (*DB, error) {
	switch {
	case o.postgres():
		return openPostgres(ctx, o)
	case o.Database == "" || strings.Contains(o.Database, "://"):
		return nil, fault.New(fault.Unavailable,
			"No database: give the path of a SQLite file or a postgres:// URL.")
	default:
		return openSQLite(ctx, o)
	}
}

// Place is how a database is told of: a file by its whole path, a URL without its
// password and options.
func Place(database string) string {
	if !strings.Contains(database, "://") {
		if path, err := filepath.Abs(database); err == nil {
			return path
		}
		return database
	}
	u, err := url.Parse(database)
	if err != nil {
		return "an address that is no URL" // it may hold a password all the same
	}
	return u.Scheme + "://" + u.Host + u.Path
}

// Founded reports whether the database began when it was opened: there was none
// before.
func (db *DB) Founded() bool { return db.founded }

// Close ends all connections and lets go of the file.
func (db *DB) Close() error {
	var err error
	if db.indexer != nil {
		db.indexer.close()
	}
	if db.jobs.lite != nil {
		err = db.jobs.lite.Close()
	}
	if db.writer != nil {
		err = errors.Join(err, db.writer.close())
		db.keeper.close()
	}
	err = errors.Join(err, db.write.Close())
	if db.read != db.write {
		err = errors.Join(db.read.Close(), err)
	}
	if db.file != nil {
		err = errors.Join(err, db.file.part())
	}
	return errors.Join(err, db.release())
}

// Ping asks the database for a sign of life.
func (db *DB) Ping(ctx context.Context) error {
	if db.Moved() {
		return errMoved
	}
	return db.fault(ctx, db.view(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `SELECT 1`)
		return err
	}))
}

// Exclusive reports whether this process alone can have the database open: then
// a turn that another owner left running has no living owner.
func (db *DB) Exclusive() bool { return db.dialect.exclusive }

// Epoch names this store's history: a revision means something only together
// with it.
func (db *DB) Epoch() string { return db.epoch }
