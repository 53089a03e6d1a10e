package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

// Outcomes implements usage.Reader.
func (s *Usage) Outcomes(ctx context.Context, of usage.Whose, from, to time.Time) (all []usage.Ending, err error) {
	u := newUsed(of, []time.Time{from, to})
	const head = `provider || '/' || model AS model, kind, outcome, finish, error_code, `
	text := u.with() + `SELECT model, kind, outcome, finish, error_code, ` + sumOf(`calls`) + `, ` + sumOf(`retries`) + `, ` + sumOf(`cost_micro_usd`) + ` FROM (` +
		u.rows(`usage_outcome_hours`, head+`calls, retries, cost_micro_usd`,
			head+`1 AS calls, CASE WHEN attempt > 1 THEN 1 ELSE 0 END AS retries, cost_micro_usd`) +
		`) AS used GROUP BY model, kind, outcome, finish, error_code`
	err = s.db.seek(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanEnding, text, u.args...)
		return err
	})
	return all, err
}

func scanEnding(rows *sql.Rows) (e usage.Ending, err error) {
	return e, rows.Scan(&e.Model, &e.Kind, &e.Outcome, &e.Finish, &e.ErrorCode, &e.Calls, &e.Retries, &e.MicroUSD)
}

// Latencies implements usage.Reader.
func (s *Usage) Latencies(ctx context.Context, of usage.Whose, from, to time.Time, most int) (all []usage.Took, err error) {
	err = s.db.seek(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanTook, `SELECT provider || '/' || model, first_token_us, total_us, outcome FROM usage_ledger
			WHERE account_id = $1 AND `+moment+` >= $2 AND `+moment+` < $3 AND kind = 'answer' AND (CAST($4 AS TEXT) = '' OR member_id = $4)
			ORDER BY `+moment+` DESC, id DESC LIMIT $5`, of.Account, micros(from), micros(to), of.Member, most)
		return err
	})
	return all, err
}

func scanTook(rows *sql.Rows) (t usage.Took, err error) {
	var first, total int64
	var outcome usage.Outcome
	err = rows.Scan(&t.Model, &first, &total, &outcome)
	t.FirstToken, t.Total = time.Duration(first)*time.Microsecond, time.Duration(total)*time.Microsecond
	t.Completed = outcome == usage.Completed
	return t, err
}

// Rated implements usage.Reader.
func (s *Usage) Rated(ctx context.Context, of usage.Whose, from, to time.Time) (all []usage.Rated, err error) {
	err = s.db.seek(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanRated, `SELECT m.model, CAST(SUM(CASE WHEN r.value = 'up' THEN 1 ELSE 0 END) AS BIGINT),
				CAST(SUM(CASE WHEN r.value = 'down' THEN 1 ELSE 0 END) AS BIGINT)
			FROM message_ratings AS r JOIN messages AS m ON m.account_id = r.account_id AND m.id = r.message_id
			WHERE r.account_id = $1 AND m.created_at >= $2 AND m.created_at < $3 AND (CAST($4 AS TEXT) = '' OR r.user_id = $4)
			GROUP BY m.model`, of.Account, micros(from), micros(to), of.Member)
		return err
	})
	return all, err
}

func scanRated(rows *sql.Rows) (r usage.Rated, err error) {
	return r, rows.Scan(&r.Model, &r.Up, &r.Down)
}
