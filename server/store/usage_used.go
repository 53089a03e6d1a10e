package store

import (
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

// used reads what was used in a range: the sums where whole hours are wanted that
// are rolled up, the rows that are due, and the rows where a bound cuts their hour.
// One statement reads all three, so that a row which is being rolled up meanwhile
// is in one of them.
type used struct {
	account, member string // whose; empty: anybody's
	whole, edges    string // rows of VALUES: from and to; empty: none
	args            []any
}

func newUsed(of usage.Whose, bounds []time.Time) *used {
	u := &used{account: string(of.Account), member: string(of.Member)}
	whole, edges := usage.Cut(bounds)
	u.whole, u.edges = u.spans(whole), u.spans(edges)
	return u
}

func (u *used) parameter(value any) string {
	u.args = append(u.args, value)
	return placeholder(len(u.args))
}

func (u *used) spans(all []usage.Span) string {
	rows := make([]string, len(all))
	for i, s := range all {
		rows[i] = `(CAST(` + u.parameter(micros(s.Starts)) + ` AS BIGINT), CAST(` + u.parameter(micros(s.Ends)) + ` AS BIGINT))`
	}
	return strings.Join(rows, ", ")
}

// with begins the statement.
func (u *used) with() string {
	var all []string
	if u.whole != "" {
		all = append(all, `whole (starts, ends) AS (VALUES `+u.whole+`)`)
	}
	if u.edges != "" {
		all = append(all, `edge (starts, ends) AS (VALUES `+u.edges+`)`)
	}
	return `WITH ` + strings.Join(all, ", ") + ` `
}

// rows selects columns of a table of sums, and their like of the ledger's rows.
// Both may name hour: a moment that is between the same bounds as the row. Joins are
// CROSS JOINs, which SQLite takes in the order in which they are written: it has no
// figures of the spans.
func (u *used) rows(table, ofSums, ofEntry string) string {
	var all []string
	if u.whole != "" {
		all = append(all,
			`SELECT `+ofSums+` FROM whole CROSS JOIN `+table+` AS h
				WHERE h.hour >= whole.starts AND h.hour < whole.ends`+u.is("h.account_id", u.account)+u.is("h.member_id", u.member),
			`SELECT `+ofEntry+` FROM (SELECT `+ledgerColumns+`, `+hourOf(`d.moment`)+` AS hour
				FROM whole CROSS JOIN usage_due AS d CROSS JOIN usage_ledger AS l
				WHERE d.moment >= whole.starts AND d.moment < whole.ends`+u.is("d.account_id", u.account)+u.is("l.member_id", u.member)+`
				AND l.account_id = d.account_id AND l.id = d.id) AS e`)
	}
	if u.edges != "" {
		all = append(all,
			`SELECT `+ofEntry+` FROM (SELECT `+ledgerColumns+`, edge.starts AS hour
				FROM edge CROSS JOIN accounts AS a CROSS JOIN usage_ledger AS l
				WHERE l.account_id = a.id AND `+momentOfL+` >= edge.starts + 0 AND `+momentOfL+` < edge.ends + 0`+
				u.is("a.id", u.account)+u.is("l.member_id", u.member)+`) AS e`)
	}
	return strings.Join(all, ` UNION ALL `)
}

// ledgerColumns are those that sums are made of.
const ledgerColumns = `l.account_id, l.member_id, l.conversation_id, l.provider, l.model, l.key_id, l.kind, l.attempt, l.charged, l.source,
	l.price_known, l.outcome, l.finish, l.error_code, l.input_tokens, l.cached_read, l.cached_write, l.cached_write_long, l.output_tokens, l.reasoning,
	l.cost_micro_usd`

// momentOfL is moment where other tables have the same columns. Nothing but an
// expression may be compared with it (hence + 0): for a column SQLite would convert
// the moment to the column's type first, and pass over the index.
const momentOfL = `COALESCE(NULLIF(l.counted_at, 0), l.created_at)`

// is compares a column with a value; the empty value is any.
func (u *used) is(column, value string) string {
	if value == "" {
		return ""
	}
	return ` AND ` + column + ` = ` + u.parameter(value)
}
