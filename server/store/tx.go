package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// querier is a database or a transaction: what a query needs of them.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Attempts at one transaction: a second one where the database asked for it or
// lost the connection, more where another transaction changed what was asked.
const (
	attemptsAfterError = 2
	attemptsAfterRace  = 8
)

// tx runs fn in a transaction and returns a fault. fn may run more than once.
func (db *DB) tx(ctx context.Context, fn func(q querier) error) error {
	var err error
	for attempt := 1; ; attempt++ {
		err = db.attempt(ctx, fn)
		switch {
		case err == nil || errors.Is(err, errNothing):
			return nil
		case ctx.Err() != nil:
			return db.fault(ctx, err)
		case errors.Is(err, errAgain):
			if attempt < attemptsAfterRace {
				continue
			}
			return fault.New(fault.Unavailable, "Too many requests change the same thing at once; try again in a moment.")
		case attempt < attemptsAfterError && db.repeatable(err):
			db.log.WarnContext(ctx, "transaction repeated", "error", err)
			continue
		}
		return db.fault(ctx, err)
	}
}

// attempt runs fn once in a transaction.
func (db *DB) attempt(ctx context.Context, fn func(q querier) error) error {
	if db.writer != nil {
		return db.writer.run(ctx, fn)
	}
	tx, err := db.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := fn(tx); err != nil {
		_ = tx.Rollback() // fn's error says more
		return err
	}
	if err := tx.Commit(); err != nil {
		return commitError{err}
	}
	return nil
}

// repeatable reports whether a failed transaction has surely not happened and
// may do better at once. A connection lost in the commit leaves that open.
func (db *DB) repeatable(err error) bool {
	switch db.dialect.classify(err) {
	case again:
		return true
	case lost:
		_, committing := errors.AsType[commitError](err)
		return !committing
	default:
		return false
	}
}

// view runs a single read, twice if the connection was lost.
func (db *DB) view(ctx context.Context, fn func(q querier) error) error {
	return db.readBy(ctx, db.reader, fn)
}

// seek is view for a read that may take long: it ends with ctx.
func (db *DB) seek(ctx context.Context, fn func(q querier) error) error {
	return db.readBy(ctx, db.read, fn)
}

func (db *DB) readBy(ctx context.Context, q querier, fn func(q querier) error) error {
	err := fn(q)
	if err != nil && ctx.Err() == nil && db.dialect.classify(err) == lost {
		err = fn(q)
	}
	return db.fault(ctx, err)
}

// snapshot runs several reads that all see the same moment.
func (db *DB) snapshot(ctx context.Context, fn func(q querier) error) error {
	return db.view(ctx, func(querier) error {
		tx, err := db.read.BeginTx(ctx, &sql.TxOptions{Isolation: db.dialect.snapshot, ReadOnly: true})
		if err != nil {
			return err
		}
		defer func() { _ = tx.Rollback() }() // nothing was written
		return fn(tx)
	})
}

// bump takes n revisions of the account and returns the first of them.
//
// Everything that carries a revision is written after it, in the same transaction.
// So the row of the account admits one writer at a time from here to its commit:
// revisions become visible in their order, and a reader that has seen one has seen
// all before it. Whoever holds the row finds the conversations and messages of the
// account unlocked, since they are written nowhere else; what it may still have to
// wait for are the counters of the account's limits, and who holds those waits for
// nothing more.
func bump(ctx context.Context, q querier, account identity.AccountID, n int) (int64, error) {
	var rev int64
	err := q.QueryRowContext(ctx, `UPDATE accounts SET rev = rev + $2 WHERE id = $1 AND closed_at = 0 RETURNING rev`,
		account, n).Scan(&rev)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fault.New(fault.NotFound, "There is no such account.")
	}
	return rev - int64(n) + 1, err
}

// affected runs a statement and returns how many rows it changed.
func affected(ctx context.Context, q querier, query string, args ...any) (int64, error) {
	res, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// found reports whether a query that selects one row or none finds it, scanning
// it into dest.
func found(row *sql.Row, dest ...any) (bool, error) {
	err := row.Scan(dest...)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return err == nil, err
}

// collect scans all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(*sql.Rows) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// micros is how a time is stored; 0 is no time.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(us int64) time.Time {
	if us == 0 {
		return time.Time{}
	}
	return time.UnixMicro(us).UTC()
}
