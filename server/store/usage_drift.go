package store

import (
	"cmp"
	"context"
	"database/sql"
	"slices"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

// Drift implements usage.Audit. It reads the whole ledger.
func (s *Usage) Drift(ctx context.Context, account identity.AccountID) (all []usage.Drifted, err error) {
	err = s.db.snapshot(ctx, func(q querier) error {
		all = nil
		rows, err := hourly(ctx, q, `SELECT account_id, hour, `+addUp+` FROM (SELECT account_id, `+hourOf(moment)+` AS hour,
			`+ofEntry+` FROM usage_ledger AS l WHERE (CAST($1 AS TEXT) = '' OR account_id = $1) AND NOT EXISTS (SELECT 1 FROM usage_due AS d
				WHERE d.account_id = l.account_id AND d.moment = `+moment+` AND d.id = l.id)) AS real GROUP BY account_id, hour`, account)
		if err != nil {
			return err
		}
		for i := range rollups {
			r := &rollups[i]
			rolled, err := hourly(ctx, q, `SELECT account_id, hour, `+r.addUp()+` FROM `+r.table+`
				WHERE CAST($1 AS TEXT) = '' OR account_id = $1 GROUP BY account_id, hour`, account)
			if err != nil {
				return err
			}
			all = append(all, r.drifted(rows, rolled)...)
		}
		return nil
	})
	slices.SortStableFunc(all, func(a, b usage.Drifted) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), a.Hour.Compare(b.Hour))
	})
	return all, err
}

// addUp adds up what is summed, in the order of summands; what is not is nothing.
func (r *rollup) addUp() string {
	return summing(func(s summand) string {
		if r.has(s.column) {
			return sumOf(s.column)
		}
		return `CAST(0 AS BIGINT)`
	})
}

func (r *rollup) has(column string) bool {
	return slices.ContainsFunc(r.sums, func(s summand) bool { return s.column == column })
}

type accountHour struct {
	account identity.AccountID
	hour    int64
}

type hourSums struct {
	accountHour
	usage.Sums
}

// hourly collects sums by account and hour.
func hourly(ctx context.Context, q querier, text string, account identity.AccountID) (map[accountHour]usage.Sums, error) {
	all, err := collect(ctx, q, func(rows *sql.Rows) (h hourSums, err error) {
		return h, rows.Scan(append([]any{&h.account, &h.hour}, sumsInto(&h.Sums)...)...)
	}, text, account)
	of := make(map[accountHour]usage.Sums, len(all))
	for _, h := range all {
		of[h.accountHour] = h.Sums
	}
	return of, err
}

// drifted are the hours whose sums differ.
func (r *rollup) drifted(rows, rolled map[accountHour]usage.Sums) (all []usage.Drifted) {
	for at := range rolled {
		if _, there := rows[at]; !there {
			all = append(all, usage.Drifted{Account: at.account, Hour: fromMicros(at.hour), Of: r.of, Rolled: rolled[at]})
		}
	}
	for at, sums := range rows {
		if r.of == usage.OutcomeRollup {
			sums = usage.Sums{Calls: sums.Calls, MicroUSD: sums.MicroUSD}
		}
		if rolled[at] != sums {
			all = append(all, usage.Drifted{Account: at.account, Hour: fromMicros(at.hour), Of: r.of, Rolled: rolled[at], Real: sums})
		}
	}
	return all
}
