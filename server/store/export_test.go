package store

import (
	"context"
	"database/sql"
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

// Blank opens a database whatever its schema, and leaves it as it is.
func Blank(ctx context.Context, o Options) (*DB, error) { return connect(ctx, o.withDefaults()) }

// Transact runs fn in a transaction that does nothing else.
func (db *DB) Transact(ctx context.Context, fn func() error) error {
	return db.tx(ctx, func(querier) error { return fn() })
}

// IndexRows is how many messages one transaction indexes at most.
const IndexRows = indexRows

// StopIndexing leaves messages unindexed until they are searched for.
func StopIndexing(db *DB) { db.indexer.stop() }
