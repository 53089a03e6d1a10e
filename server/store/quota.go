package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// Quota keeps reservations and counters.
type Quota struct{ db *DB }

// The promises kept by Quota.
var (
	_ quota.Store    = (*Quota)(nil)
	_ quota.Accounts = (*Quota)(nil)
	_ quota.Audit    = (*Quota)(nil)
)

// Quota returns the store of reservations and counters.
func (db *DB) Quota() *Quota { return &Quota{db} }

var errNoAccount = fault.New(fault.NotFound, "There is no such account.")

// balanceColumns are a counter's, as scanBalance reads them.
const balanceColumns = `scope, subject, period, starts,
	messages_used, tokens_used, micro_usd_used, messages_held, tokens_held, micro_usd_held`

func scanBalance(rows *sql.Rows) (b quota.Balance, err error) {
	var starts int64
	err = rows.Scan(&b.Scope, &b.Subject, &b.Period, &starts,
		&b.Used.Messages, &b.Used.Tokens, &b.Used.MicroUSD, &b.Held.Messages, &b.Held.Tokens, &b.Held.MicroUSD)
	b.Starts = fromMicros(starts)
	return b, err
}

// standingText reads an account and its counters in one statement: the first row
// is the account's, in the columns of a counter. The day's counters begin at $2.
// When the month began depends on the account, so $3 and $4 bound it: all that
// may be the month's come, and one of them is. $5 wants all subjects.
const standingText = `SELECT '' AS scope, plan AS subject, '' AS period, created_at AS starts, anchor_day, 0, 0, 0, 0, 0
		FROM accounts WHERE id = $1
	UNION ALL SELECT ` + balanceColumns + ` FROM quota_counters
		WHERE account_id = $1 AND period = 'day' AND starts = $2 AND ` + standingSubjects + `
	UNION ALL SELECT ` + balanceColumns + ` FROM quota_counters
		WHERE account_id = $1 AND period = 'month' AND starts > $3 AND starts <= $4 AND ` + standingSubjects

const standingSubjects = `(CAST($5 AS BOOLEAN) OR (scope, subject) IN (VALUES ('account', ''), ('member', $6), ('model', $7), ('key', $8)))`

// longestMonth bounds how long ago a month can have begun.
const longestMonth = 31 * 24 * time.Hour

// Standing implements quota.Reading.
func (s *Quota) Standing(ctx context.Context, account identity.AccountID, of *quota.Subjects, at time.Time) (st quota.Standing, err error) {
	some := quota.Subjects{}
	if of != nil {
		some = *of
	}
	day := quota.Day.Around(at, 1)
	err = s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanBalance, standingText, account, micros(day.Starts),
			micros(at.Add(-longestMonth)), micros(at), of == nil, some.Member, some.Model, some.Key)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errNoAccount
		}
		st = standing(all, at)
		return nil
	})
	return st, err
}

// standing makes sense of standingText's rows, of which the account's may come
// anywhere.
func standing(rows []quota.Balance, at time.Time) (st quota.Standing) {
	for _, r := range rows {
		if r.Scope == "" {
			st.Plan, st.Anchor = r.Subject, anchorOf(r.Used.Messages, r.Starts)
		}
	}
	month := quota.Month.Around(at, st.Anchor).Starts
	for _, r := range rows {
		if r.Scope != "" && (r.Period == quota.Day || r.Starts.Equal(month)) {
			st.Balances = append(st.Balances, r)
		}
	}
	return st
}

// anchorOf is the day on which an account's months begin.
func anchorOf(day int64, created time.Time) int {
	if day == 0 {
		return created.UTC().Day()
	}
	return int(day)
}

// SetPlan implements quota.Accounts.
func (s *Quota) SetPlan(ctx context.Context, account identity.AccountID, plan string) error {
	if err := checkTexts(named{"the plan", plan}); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE accounts SET plan = $2 WHERE id = $1 AND closed_at = 0`, account, plan)
		if err == nil && n == 0 {
			return errNoAccount
		}
		return err
	})
}

// SetAnchor implements quota.Accounts. Nothing is settled meanwhile, since whoever
// settles has the account's row.
func (s *Quota) SetAnchor(ctx context.Context, account identity.AccountID, day int) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE accounts SET anchor_day = $2 WHERE id = $1 AND closed_at = 0`, account, day)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoAccount
		}
		wrong, err := mismatches(ctx, q, account)
		if err != nil {
			return err
		}
		return correct(ctx, q, wrong)
	})
}

// Plans implements quota.Accounts.
func (s *Quota) Plans(ctx context.Context) (map[string]int64, error) {
	counts := map[string]int64{}
	type count struct {
		plan string
		n    int64
	}
	err := s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, func(rows *sql.Rows) (c count, err error) { return c, rows.Scan(&c.plan, &c.n) },
			`SELECT plan, count(*) FROM accounts WHERE closed_at = 0 GROUP BY plan`)
		for _, c := range all {
			counts[c.plan] = c.n
		}
		return err
	})
	return counts, err
}
