package store

import (
	"context"
	"database/sql"
	"sync"
)

// reading is SQLite's reading pool with its statements kept parsed, like the
// writer's. On Postgres the driver does that by itself.
//
// A query is not ended with its context: watching for that costs two goroutines,
// which is more than most queries take. What may take long is read by DB.seek, past
// it all: parsing is little of that, and such queries come in many texts.
type reading struct {
	*sql.DB

	mu    sync.RWMutex
	stmts map[string]*parsed
}

func newReading(pool *sql.DB) *reading {
	return &reading{DB: pool, stmts: map[string]*parsed{}}
}

func (r *reading) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	s, err := r.statement(ctx, query)
	if err != nil || s == nil {
		return orElse(err, func() (*sql.Rows, error) { return r.DB.QueryContext(ctx, query, args...) })
	}
	return s.stmt.QueryContext(ctx, s.arguments(args)...)
}

func (r *reading) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	if ctx.Err() == nil {
		ctx = context.WithoutCancel(ctx)
	}
	if s, err := r.statement(ctx, query); err == nil && s != nil {
		return s.stmt.QueryRowContext(ctx, s.arguments(args)...)
	}
	return r.DB.QueryRowContext(ctx, query, args...) // which tells the error again
}

// statement returns the query parsed, or nil where no more are kept. A
// statement belongs to no connection: database/sql parses it once on each.
func (r *reading) statement(ctx context.Context, query string) (*parsed, error) {
	r.mu.RLock()
	s, full := r.stmts[query], len(r.stmts) >= mostStatements
	r.mu.RUnlock()
	if s != nil || full {
		return s, nil
	}
	s, err := parse(ctx, r.DB, query)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if other := r.stmts[query]; other != nil {
		return other, s.stmt.Close()
	}
	r.stmts[query] = s
	return s, nil
}
