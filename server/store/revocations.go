package store

import (
	"context"
	"database/sql"
	"time"
)

// tell writes down that sessions or tokens were ended, for the other processes.
// One that was told before is not told again.
func tell(ctx context.Context, db *DB, q querier, ids ...string) error {
	return batches(ids, func(some []string) error {
		args := make([]any, len(some))
		for i, id := range some {
			args[i] = id
		}
		_, err := q.ExecContext(ctx, `INSERT INTO revocations (id, at) SELECT column1, `+db.dialect.now+`
			FROM (VALUES `+tuples(1, len(some), 1)+`) AS ids WHERE TRUE ON CONFLICT DO NOTHING`, args...)
		return err
	})
}

// toldFor is how long a revocation is listed again, whoever has seen a newer one:
// a transaction may be that late in becoming visible.
const toldFor = 10 * time.Second

// revocation is the end of a session or token; at is the database's clock.
type revocation struct {
	id string
	at int64
}

func scanRevocation(rows *sql.Rows) (r revocation, err error) { return r, rows.Scan(&r.id, &r.at) }

// RevokedSince implements identity.Sessions.
func (s *Identities) RevokedSince(ctx context.Context, after time.Time) (ids []string, newest time.Time, err error) {
	newest = after
	err = s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanRevocation, `SELECT id, at FROM revocations WHERE at > $1 ORDER BY at, id`,
			micros(after)-toldFor.Microseconds())
		ids = nil
		for _, r := range all {
			ids = append(ids, r.id)
			if at := fromMicros(r.at); at.After(newest) {
				newest = at
			}
		}
		return err
	})
	return ids, newest, err
}
