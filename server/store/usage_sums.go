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
)

// Usage returns what reads the ledger for people.
func (db *DB) Usage() *Usage { return &Usage{db} }

// Sums implements usage.Reader.
func (s *Usage) Sums(ctx context.Context, of usage.Whose, by usage.By, bounds []time.Time) (groups []usage.Group, err error) {
	u := newUsed(of, bounds)
	hour := `0`
	if by.Timed() {
		hour = `hour`
	}
	table, columns := `usage_hours`, sumsOfHour
	if by == usage.ByConversation {
		table, columns = `usage_conversation_hours`, sumsOfTalk
	}
	head := keyText[by] + ` AS subject, ` + hour + ` AS hour, charged, `
	text := u.with() + `SELECT subject, hour, charged, ` + addUp +
		` FROM (` + u.rows(table, head+columns, head+sumsOfEntry, "") + `) AS used GROUP BY subject, hour, charged`
	err = s.db.view(ctx, func(q querier) error {
		groups, err = collect(ctx, q, scanGroup, text, u.args...)
		return err
	})
	return groups, err
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

// The summands, of a row of the sums and of one of the ledger. addUp adds them.
const (
	sumsOfHour = `calls, input_tokens, cached_read, cached_write, cached_write_long, output_tokens, reasoning, cost_micro_usd,
		CASE WHEN source = 'estimated' THEN calls ELSE 0 END AS estimated_calls,
		CASE WHEN source = 'estimated' THEN cost_micro_usd ELSE 0 END AS estimated_micro_usd,
		CASE WHEN price_known = TRUE THEN 0 ELSE calls END AS unpriced_calls,
		CASE WHEN outcome = 'failed' THEN calls ELSE 0 END AS failed_calls`
	sumsOfTalk = `calls, input_tokens, cached_read, cached_write, cached_write_long, output_tokens, reasoning, cost_micro_usd,
		estimated_calls, estimated_micro_usd, unpriced_calls, failed_calls`
	sumsOfEntry = `1 AS calls, input_tokens, cached_read, cached_write, cached_write_long, output_tokens, reasoning, cost_micro_usd,
		CASE WHEN source = 'estimated' THEN 1 ELSE 0 END AS estimated_calls,
		CASE WHEN source = 'estimated' THEN cost_micro_usd ELSE 0 END AS estimated_micro_usd,
		CASE WHEN price_known = TRUE THEN 0 ELSE 1 END AS unpriced_calls,
		CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END AS failed_calls`
)

var addUp = sumOf("calls", "input_tokens", "cached_read", "cached_write", "cached_write_long", "output_tokens", "reasoning", "cost_micro_usd",
	"estimated_calls", "estimated_micro_usd", "unpriced_calls", "failed_calls")

// sumOf are the sums of columns: whole numbers, which Postgres' sums are not.
func sumOf(columns ...string) string {
	sums := make([]string, len(columns))
	for i, c := range columns {
		sums[i] = `CAST(SUM(` + c + `) AS BIGINT)`
	}
	return strings.Join(sums, ", ")
}

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
