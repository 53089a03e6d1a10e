package store

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/debug"
)

// mostStatements bounds how many statements are kept parsed: those that list a
// varying number of things come in many lengths.
const mostStatements = 256

// writing is the writer's transaction as queries see it. Parsing takes longer
// than running for most statements, so they are kept. The context of a query is
// not handed down: see writer.run.
type writing struct{ w *writer }

func (q writing) ExecContext(_ context.Context, query string, args ...any) (sql.Result, error) {
	ctx := context.Background()
	s, err := q.statement(ctx, query)
	if err != nil || s == nil {
		return orElse(err, func() (sql.Result, error) { return q.w.conn.ExecContext(ctx, query, args...) })
	}
	return s.stmt.ExecContext(ctx, s.arguments(args)...)
}

func (q writing) QueryContext(_ context.Context, query string, args ...any) (*sql.Rows, error) {
	ctx := context.Background()
	s, err := q.statement(ctx, query)
	if err != nil || s == nil {
		return orElse(err, func() (*sql.Rows, error) { return q.w.conn.QueryContext(ctx, query, args...) })
	}
	return s.stmt.QueryContext(ctx, s.arguments(args)...)
}

func (q writing) QueryRowContext(_ context.Context, query string, args ...any) *sql.Row {
	ctx := context.Background()
	if s, err := q.statement(ctx, query); err == nil && s != nil {
		return s.stmt.QueryRowContext(ctx, s.arguments(args)...)
	}
	return q.w.conn.QueryRowContext(ctx, query, args...) // which tells the error again
}

func orElse[T any](err error, otherwise func() (T, error)) (T, error) {
	if err != nil {
		var none T
		return none, err
	}
	return otherwise()
}

// statement returns the query parsed, or nil where no more are kept.
func (q writing) statement(ctx context.Context, query string) (*parsed, error) {
	if s := q.w.stmts[query]; s != nil {
		return s, nil
	}
	if len(q.w.stmts) >= mostStatements {
		return nil, nil
	}
	s, err := parse(ctx, q.w.conn, query)
	if err != nil {
		return nil, err
	}
	q.w.stmts[query] = s
	return s, nil
}

// protect runs fn, and makes an error of its panic: the writer must not be lost
// with whoever happened to lead.
func protect(fn func(q querier) error, q querier) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("store: panic in a transaction: %v\n%s", broken, debug.Stack())
		}
	}()
	return fn(q)
}
