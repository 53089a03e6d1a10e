package store

import (
	"context"
	"net/url"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"github.com/aichat-term/aichat/server/fault"
)

// pgConns is how many connections we hold at most, unless the URL says
// pool_max_conns.
const pgConns = 16

// openPostgres makes a pool for the URL; it connects when it is first used.
func openPostgres(ctx context.Context, o Options) (*DB, error) {
	pool, err := pgPool(ctx, o.Database)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	return &DB{dialect: &pgDialect, sql: newStatements(&pgDialect), write: db, read: db, reader: db, jobs: jobPool{pg: pool},
		release: func() error { pool.Close(); return nil }, log: o.Logger, now: o.Now}, nil
}

func pgPool(ctx context.Context, address string) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(address)
	if err != nil {
		// The error may hold the URL, and the URL a password.
		return nil, fault.New(fault.Unavailable,
			"The database's address is not a valid postgres:// URL (user, host, database and options).")
	}
	if u, err := url.Parse(address); err != nil || !u.Query().Has("pool_max_conns") {
		config.MaxConns = pgConns
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fault.Wrap(err, fault.Unavailable, "The database cannot be reached right now; try again in a moment.")
	}
	return pool, nil
}
