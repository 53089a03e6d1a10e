package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

const entryColumns = `account_id, id, created_at, member_id, kind, turn_id, conversation_id, attempt, provider, model,
	key_id, request_id, input_tokens, cached_read, cached_write, output_tokens, reasoning, source, price_known,
	price_input, price_cached_read, price_cached_write, price_output, cost_micro_usd, charged, reservation_id,
	outcome, error_code, first_token_us, total_us, counted_at, finish,
	cached_write_long, price_cached_write_long, price_above, price_from`

const entryWidth = 36

// moment is the column that rows are read by: see usage.Entry.At. It is written as
// the indexes have it, or they are not used.
const moment = `COALESCE(NULLIF(counted_at, 0), created_at)`

func entryArgs(e usage.Entry) []any {
	return []any{e.Account, e.ID, micros(e.CreatedAt), e.Member, e.Kind, e.Turn, e.Conversation, e.Attempt, e.Provider, e.Model,
		e.KeyID, e.RequestID, e.Tokens.Input, e.Tokens.CachedRead, e.Tokens.CachedWrite, e.Tokens.Output, e.Tokens.Reasoning,
		e.Source, e.PriceKnown, e.Price.Input, e.Price.CachedRead, e.Price.CachedWrite, e.Price.Output, e.CostMicroUSD,
		e.Charged, e.Reservation, e.Outcome, e.ErrorCode, e.FirstToken.Microseconds(), e.Total.Microseconds(), micros(e.CountedAt),
		e.Finish, e.Tokens.CachedWriteLong, e.Price.CachedWriteLong, e.Price.Above, e.Price.From}
}

func scanEntry(rows *sql.Rows) (e usage.Entry, err error) {
	var created, first, total, counted int64
	err = rows.Scan(&e.Account, &e.ID, &created, &e.Member, &e.Kind, &e.Turn, &e.Conversation, &e.Attempt, &e.Provider, &e.Model,
		&e.KeyID, &e.RequestID, &e.Tokens.Input, &e.Tokens.CachedRead, &e.Tokens.CachedWrite, &e.Tokens.Output, &e.Tokens.Reasoning,
		&e.Source, &e.PriceKnown, &e.Price.Input, &e.Price.CachedRead, &e.Price.CachedWrite, &e.Price.Output, &e.CostMicroUSD,
		&e.Charged, &e.Reservation, &e.Outcome, &e.ErrorCode, &first, &total, &counted, &e.Finish,
		&e.Tokens.CachedWriteLong, &e.Price.CachedWriteLong, &e.Price.Above, &e.Price.From)
	e.CreatedAt, e.CountedAt = fromMicros(created), fromMicros(counted)
	e.FirstToken, e.Total = time.Duration(first)*time.Microsecond, time.Duration(total)*time.Microsecond
	return e, err
}

// Append implements usage.Store.
func (s *Ledger) Append(ctx context.Context, entries []usage.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	return s.db.tx(ctx, func(q querier) error { return appendEntries(ctx, q, uncharged(entries)) })
}

// appendEntries adds rows to the ledger; one that is there already stays as it
// is.
func appendEntries(ctx context.Context, q querier, entries []usage.Entry) error {
	return batches(entries, func(some []usage.Entry) error {
		args := make([]any, 0, len(some)*entryWidth)
		for _, e := range some {
			args = append(args, entryArgs(e)...)
		}
		_, err := q.ExecContext(ctx, `INSERT INTO usage_ledger (`+entryColumns+`) VALUES `+
			tuples(1, len(some), entryWidth)+` ON CONFLICT DO NOTHING`, args...)
		return err
	})
}

// Entries implements usage.Store.
func (s *Ledger) Entries(ctx context.Context, account identity.AccountID, before time.Time, limit int) (all []usage.Entry, err error) {
	if before.IsZero() {
		before = s.db.now()
	}
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanEntry, `SELECT `+entryColumns+` FROM usage_ledger
			WHERE account_id = $1 AND `+moment+` < $2 ORDER BY `+moment+` DESC, id DESC LIMIT $3`, account, micros(before), limit)
		return err
	})
	return all, err
}
