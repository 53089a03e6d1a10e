package store

import (
	"context"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Mend implements usage.Audit. By how much sums are wrong does not depend on when one
// looks: whoever rolls up takes from the rows that are due as much as is added. So
// what is lacking is read at one moment, in one statement, while others roll up, and
// added to what the sums are then.
//
// The account's row is locked so that no two add the same.
func (s *Usage) Mend(ctx context.Context, account identity.AccountID, hour time.Time) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE accounts SET rev = rev WHERE id = $1`, account)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoAccount
		}
		for _, text := range mendTexts {
			if _, err := q.ExecContext(ctx, text, account, micros(hour)); err != nil {
				return err
			}
		}
		return nil
	})
}

// mendTexts set an account's ($1) sums of an hour ($2) right.
var mendTexts = []string{
	rollups[0].lackingText(), rollups[0].emptyText(),
	rollups[1].lackingText(), rollups[1].emptyText(),
	rollups[2].lackingText(), rollups[2].emptyText(),
}

// lackingText adds to the sums what the rows that they should hold come to beyond
// them, in the order of their keys, as text does.
func (r *rollup) lackingText() string {
	each := func(between string, say func(summand) string) string {
		all := make([]string, len(r.sums))
		for i, s := range r.sums {
			all[i] = say(s)
		}
		return strings.Join(all, between)
	}
	columns := each(", ", func(s summand) string { return s.column })
	ofRow := each(", ", func(s summand) string { return s.of + ` AS ` + s.column })
	taken := each(", ", func(s summand) string { return `-` + s.column })
	lacking := each(", ", func(s summand) string { return sumOf(s.column) })
	some := each(" OR ", func(s summand) string { return `SUM(` + s.column + `) <> 0` })
	added := each(", ", func(s summand) string { return s.column + ` = ` + r.table + `.` + s.column + ` + excluded.` + s.column })
	below := strings.Join(r.key, ", ")
	key := `account_id, hour, ` + below
	return `INSERT INTO ` + r.table + ` (` + key + `, ` + columns + `) SELECT ` + key + `, ` + lacking + ` FROM (
			SELECT account_id, ` + hourOf(moment) + ` AS hour, ` + below + `, ` + ofRow + ` FROM usage_ledger AS l
				WHERE account_id = $1 AND ` + moment + ` >= CAST($2 AS BIGINT) AND ` + moment + ` < CAST($2 AS BIGINT) + 3600000000 AND NOT EXISTS (
					SELECT 1 FROM usage_due AS d WHERE d.account_id = l.account_id AND d.moment = ` + moment + ` AND d.id = l.id)
			UNION ALL SELECT ` + key + `, ` + taken + ` FROM ` + r.table + ` WHERE account_id = $1 AND hour = CAST($2 AS BIGINT)) AS apart
		GROUP BY ` + key + ` HAVING ` + some + ` ORDER BY ` + key + `
		ON CONFLICT (` + key + `) DO UPDATE SET ` + added
}

// emptyText removes sums of nothing.
func (r *rollup) emptyText() string {
	return `DELETE FROM ` + r.table + ` WHERE account_id = $1 AND hour = $2 AND calls = 0`
}
