package store

import (
	"context"
	"database/sql"

	"github.com/pressly/goose/v3"
)

// Write is what writes, for tests that break things from below. On SQLite that
// is the writer's own connection.
func (db *DB) Write() Writing {
	if db.writer == nil {
		return db.write
	}
	if err := db.writer.connect(); err != nil {
		panic(err)
	}
	return db.writer.conn
}

// Writing is a pool or one connection of it.
type Writing interface {
	querier
	BeginTx(ctx context.Context, o *sql.TxOptions) (*sql.Tx, error)
}

// Read is the reading pool.
func (db *DB) Read() *sql.DB { return db.read }

// ListText is the query of a list's page, for tests of its plan.
var ListText = listText

// SumsText and PageText are the queries of what was used, likewise.
var (
	SumsText = sumsText
	PageText = pageText
)

// PerRequest are the queries that every request makes.
var PerRequest = map[string]string{"session": sessionByAccess, "token": tokenByHash, "session seen": sessionDue, "token seen": tokenDue}

// RunningTexts are the queries that look for what is running.
func (db *DB) RunningTexts() map[string]string {
	return map[string]string{"leases that ended": db.sql.claim, "others' turns": db.sql.claimAll}
}

// Blank opens a database whatever its schema, and leaves it as it is.
func Blank(ctx context.Context, o Options) (*DB, error) { return connect(ctx, o.withDefaults()) }

// RiverVersion is the version of River's tables.
const RiverVersion = riverVersion

// Enqueue adds a job in a transaction that then fails with err, or does not.
func (db *DB) Enqueue(ctx context.Context, args jobArgs, failure error) error {
	return db.tx(ctx, func(q querier) error {
		if err := enqueue(ctx, db, q, args); err != nil {
			return err
		}
		return failure
	})
}

// MigrateDown takes the steps above a version back.
func (db *DB) MigrateDown(ctx context.Context, o Options, to int64) error {
	return db.steps(ctx, o, func(p *goose.Provider) error { _, err := p.DownTo(ctx, to); return err })
}

// MigrateUp takes the steps up to a version, and no further.
func (db *DB) MigrateUp(ctx context.Context, o Options, to int64) error {
	return db.steps(ctx, o, func(p *goose.Provider) error { _, err := p.UpTo(ctx, to); return err })
}

func (db *DB) steps(ctx context.Context, o Options, take func(p *goose.Provider) error) error {
	pool, options, closePool, err := db.migrationPool(ctx, o.withDefaults())
	if err != nil {
		return err
	}
	defer closePool()
	provider, err := goose.NewProvider(db.dialect.goose, pool, db.dialect.steps, options...)
	if err != nil {
		return err
	}
	return take(provider)
}

// Transact runs fn in a transaction that does nothing else.
func (db *DB) Transact(ctx context.Context, fn func() error) error {
	return db.tx(ctx, func(querier) error { return fn() })
}

// IndexRows is how many messages one transaction indexes at most.
const IndexRows = indexRows

// StopIndexing leaves messages unindexed until they are searched for.
func StopIndexing(db *DB) { db.indexer.stop() }
