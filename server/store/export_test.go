package store

import (
	"context"
	"database/sql"
)

// Write is the writing pool, for tests that break things from below.
func (db *DB) Write() *sql.DB { return db.write }

// Read is the reading pool.
func (db *DB) Read() *sql.DB { return db.read }

// ListText is the query of a list's page, for tests of its plan.
var ListText = listText

// Blank opens a database whatever its schema, and leaves it as it is.
func Blank(ctx context.Context, o Options) (*DB, error) { return connect(ctx, o.withDefaults()) }
