package store

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/usage"
)

// rollup is how rows become sums by the hour. What has a key in common is one row
// of the table; what is added is found in the ledger's columns.
type rollup struct {
	of    usage.Rollup
	table string
	key   []string // columns after the account and the hour
	sums  []summand
}

// rollups are all sums that are kept.
var rollups = []rollup{
	{usage.UsageRollup, `usage_hours`, []string{`member_id`, `provider`, `model`, `key_id`, `kind`, `charged`}, summands},
	{usage.ConversationRollup, `usage_conversation_hours`, []string{`conversation_id`, `member_id`, `charged`}, summands},
	{usage.OutcomeRollup, `usage_outcome_hours`, []string{`member_id`, `provider`, `model`, `kind`, `outcome`, `finish`, `error_code`}, []summand{
		{`calls`, `1`},
		{`retries`, `CASE WHEN attempt > 1 THEN 1 ELSE 0 END`},
		{`cost_micro_usd`, `cost_micro_usd`},
	}},
}

// text adds the rows of a batch ($1) to the sums, in the order of their keys, so
// that two who roll up at once wait for each other and no more.
func (r *rollup) text() string {
	into := append([]string{`account_id`, `hour`}, r.key...)
	from := []string{`l.account_id`, hourOf(`d.moment`)}
	for _, k := range r.key {
		from = append(from, `l.`+k)
	}
	key := strings.Join(into, ", ")
	ordinals := make([]string, len(into))
	for i := range into {
		ordinals[i] = strings.TrimPrefix(placeholder(i+1), "$")
	}
	added := make([]string, len(r.sums))
	for i, s := range r.sums {
		into = append(into, s.column)
		from = append(from, `CAST(SUM(`+s.of+`) AS BIGINT)`)
		added[i] = s.column + ` = ` + r.table + `.` + s.column + ` + excluded.` + s.column
	}
	by := strings.Join(ordinals, ", ")
	return `INSERT INTO ` + r.table + ` (` + strings.Join(into, ", ") + `) SELECT ` + strings.Join(from, ", ") + `
		FROM usage_due AS d CROSS JOIN usage_ledger AS l
		WHERE d.batch = $1 AND d.batch <> '' AND l.account_id = d.account_id AND l.id = d.id
		GROUP BY ` + by + ` ORDER BY ` + by + `
		ON CONFLICT (` + key + `) DO UPDATE SET ` + strings.Join(added, ", ")
}

// rollUpTexts are the statements of a batch after it was taken.
var rollUpTexts = []string{
	rollups[0].text(), rollups[1].text(), rollups[2].text(), `DELETE FROM usage_due WHERE batch = $1 AND batch <> ''`,
}

// takeDueText gives some of the rows that are due to a batch; %s passes over those
// that another is rolling up.
const takeDueText = `UPDATE usage_due SET batch = $1 WHERE (account_id, moment, id) IN (
	SELECT account_id, moment, id FROM usage_due ORDER BY account_id, moment, id LIMIT $2 %s)`

// RollUp implements usage.Roller. The transaction that adds a row to the ledger
// says that it is due (a trigger), and the one that adds it to the sums takes that
// back: so no row is passed by and none is added twice, in whatever order they come
// to be seen.
func (s *Usage) RollUp(ctx context.Context, most int) (int, error) {
	var n int64
	err := s.db.tx(ctx, func(q querier) (err error) {
		batch := uuid.Must(uuid.NewV7()).String()
		if n, err = affected(ctx, q, s.db.sql.takeDue, batch, most); err != nil || n == 0 {
			return err
		}
		return each(ctx, q, batch, rollUpTexts...)
	})
	return int(n), err
}
