package store

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

// Usage reads the ledger and keeps the sums of its hours.
type Usage struct{ db *DB }

// The promises kept by Usage.
var (
	_ usage.Reader = (*Usage)(nil)
	_ usage.Roller = (*Usage)(nil)
	_ usage.Audit  = (*Usage)(nil)
)

// Usage returns what reads the ledger for people.
func (db *DB) Usage() *Usage { return &Usage{db} }

// Sums implements usage.Reader.
func (s *Usage) Sums(ctx context.Context, of usage.Whose, by usage.By, bounds []time.Time) (groups []usage.Group, err error) {
	text, args := sumsText(of, by, bounds)
	err = s.db.seek(ctx, func(q querier) error {
		groups, err = collect(ctx, q, scanGroup, text, args...)
		return err
	})
	return groups, err
}

// sumsText is the query of sums.
func sumsText(of usage.Whose, by usage.By, bounds []time.Time) (text string, args []any) {
	u := newUsed(of, bounds)
	hour := `0`
	if by.Timed() {
		hour = `hour`
	}
	table := `usage_hours`
	if by == usage.ByConversation {
		table = `usage_conversation_hours`
	}
	head := keyText[by] + ` AS subject, ` + hour + ` AS hour, charged, `
	text = u.with() + `SELECT subject, hour, charged, ` + addUp +
		` FROM (` + u.rows(table, head+ofHour, head+ofEntry) + `) AS used GROUP BY subject, hour, charged`
	return text, u.args
}

// keyText is what is common to a group, in the columns of the sums and of the
// ledger alike.
var keyText = map[usage.By]string{
	usage.ByDay:          `''`,
	usage.ByHour:         `''`,
	usage.ByModel:        `provider || '/' || model`,
	usage.ByProvider:     `provider`,
	usage.ByConversation: `conversation_id`,
	usage.ByMember:       `member_id`,
	usage.ByKey:          `key_id`,
	usage.ByKind:         `kind`,
	usage.ByAccount:      `account_id`,
}

// summand is a column of sums, and what a row of the ledger adds to it.
type summand struct{ column, of string }

// summands are those of usage.Sums, in the order in which they are read.
var summands = []summand{
	{`calls`, `1`},
	{`input_tokens`, `input_tokens`},
	{`cached_read`, `cached_read`},
	{`cached_write`, `cached_write`},
	{`cached_write_long`, `cached_write_long`},
	{`output_tokens`, `output_tokens`},
	{`reasoning`, `reasoning`},
	{`cost_micro_usd`, `cost_micro_usd`},
	{`estimated_calls`, `CASE WHEN source = 'reported' THEN 0 ELSE 1 END`},
	{`estimated_micro_usd`, `CASE WHEN source = 'reported' THEN 0 ELSE cost_micro_usd END`},
	{`unpriced_calls`, `CASE WHEN price_known = TRUE THEN 0 ELSE 1 END`},
	{`failed_calls`, `CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END`},
}

// The summands of a row of sums and of one of the ledger, and their sums.
var (
	ofHour  = summing(func(s summand) string { return s.column })
	ofEntry = summing(func(s summand) string { return s.of + ` AS ` + s.column })
	addUp   = summing(func(s summand) string { return sumOf(s.column) })
)

func summing(say func(summand) string) string {
	all := make([]string, len(summands))
	for i, s := range summands {
		all[i] = say(s)
	}
	return strings.Join(all, ", ")
}

// hourOf is the beginning of the hour (of UTC) of a moment: see usage.Hour.
func hourOf(moment string) string { return moment + ` - ` + moment + ` % 3600000000` }

// sumOf is the sum of a column: a whole number, which Postgres' sums are not.
func sumOf(column string) string { return `CAST(SUM(` + column + `) AS BIGINT)` }

func scanGroup(rows *sql.Rows) (g usage.Group, err error) {
	var at int64
	var charged bool
	err = rows.Scan(append([]any{&g.Key, &at, &charged}, sumsInto(&g.All)...)...)
	if g.At = fromMicros(at); !charged {
		g.Uncharged = g.All
	}
	return g, err
}

// sumsInto is where addUp's columns go.
func sumsInto(s *usage.Sums) []any {
	return []any{&s.Calls, &s.Tokens.Input, &s.Tokens.CachedRead, &s.Tokens.CachedWrite, &s.Tokens.CachedWriteLong, &s.Tokens.Output, &s.Tokens.Reasoning,
		&s.MicroUSD, &s.EstimatedCalls, &s.EstimatedMicroUSD, &s.UnpricedCalls, &s.FailedCalls}
}
