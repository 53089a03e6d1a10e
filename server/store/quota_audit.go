package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// Mismatches implements quota.Audit. It reads the whole ledger of one account at
// a time, row by row.
func (s *Quota) Mismatches(ctx context.Context, account identity.AccountID) (all []quota.Mismatch, err error) {
	err = s.db.snapshot(ctx, func(q querier) error {
		all = nil
		accounts, err := metered(ctx, q, account)
		if err != nil {
			return err
		}
		for _, a := range accounts {
			wrong, err := mismatches(ctx, q, a)
			if err != nil {
				return err
			}
			all = append(all, wrong...)
		}
		return nil
	})
	return all, err
}

// metered lists the accounts of which something is counted, or the one asked for.
func metered(ctx context.Context, q querier, account identity.AccountID) ([]identity.AccountID, error) {
	if account != "" {
		return []identity.AccountID{account}, nil
	}
	return collect(ctx, q, func(rows *sql.Rows) (a identity.AccountID, err error) { return a, rows.Scan(&a) },
		`SELECT account_id FROM quota_counters UNION SELECT account_id FROM quota_reservations
			UNION SELECT account_id FROM usage_ledger WHERE charged = TRUE`)
}

func mismatches(ctx context.Context, q querier, account identity.AccountID) (wrong []quota.Mismatch, err error) {
	truth, err := realBalances(ctx, q, account)
	if err != nil {
		return nil, err
	}
	stored, err := collect(ctx, q, scanBalance, `SELECT `+balanceColumns+` FROM quota_counters WHERE account_id = $1`, account)
	if err != nil {
		return nil, err
	}
	for _, b := range stored {
		r := truth[b.Counter]
		r.Counter = b.Counter
		if r != b {
			wrong = append(wrong, quota.Mismatch{Account: account, Stored: b, Real: r})
		}
		delete(truth, b.Counter)
	}
	for _, r := range truth {
		wrong = append(wrong, quota.Mismatch{Account: account, Stored: quota.Balance{Counter: r.Counter}, Real: r})
	}
	return wrong, nil
}

// realBalances are an account's counters as its ledger and its reservations have
// them.
func realBalances(ctx context.Context, q querier, account identity.AccountID) (map[quota.Counter]quota.Balance, error) {
	tally, err := tallyOf(ctx, q, account)
	if err != nil {
		return nil, err
	}
	truth := map[quota.Counter]quota.Balance{}
	for c, used := range tally.Sums() {
		truth[c] = quota.Balance{Counter: c, Used: used}
	}
	held, err := collect(ctx, q, scanReservation, `SELECT `+reservationColumns+` FROM quota_reservations WHERE account_id = $1`, account)
	for i := range held {
		for _, c := range held[i].counters() {
			b := truth[c]
			b.Counter, b.Held = c, b.Held.Plus(held[i].amount)
			truth[c] = b
		}
	}
	return truth, err
}

// tallyOf adds up an account's ledger.
func tallyOf(ctx context.Context, q querier, account identity.AccountID) (tally quota.Tally, err error) {
	var anchor, created int64
	if err := q.QueryRowContext(ctx, `SELECT anchor_day, created_at FROM accounts WHERE id = $1`, account).Scan(&anchor, &created); err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return tally, errNoAccount
		}
		return tally, err
	}
	tally.Anchor = anchorOf(anchor, fromMicros(created))
	rows, err := q.QueryContext(ctx, `SELECT `+entryColumns+` FROM usage_ledger
		WHERE account_id = $1 AND charged = TRUE ORDER BY reservation_id, attempt, id`, account)
	if err != nil {
		return tally, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		e, err := scanEntry(rows)
		if err != nil {
			return tally, err
		}
		tally.Add(&e)
	}
	return tally, rows.Err()
}

const (
	rebuildText = `INSERT INTO quota_counters (account_id, scope, subject, period, starts,
		messages_used, messages_held, tokens_used, tokens_held, micro_usd_used, micro_usd_held) VALUES `

	// A counter that is there again has come with a reservation that was begun
	// before and committed since: it is not among those that were read.
	rebuildBeside = ` ON CONFLICT (account_id, period, starts, scope, subject) DO UPDATE SET
		messages_used = excluded.messages_used, messages_held = quota_counters.messages_held + excluded.messages_held,
		tokens_used = excluded.tokens_used, tokens_held = quota_counters.tokens_held + excluded.tokens_held,
		micro_usd_used = excluded.micro_usd_used, micro_usd_held = quota_counters.micro_usd_held + excluded.micro_usd_held`
)

// Rebuild implements quota.Audit. Removing the counters waits for whoever has
// locked them, so what is read after it is all there is. Users may be told of a
// level once more.
func (s *Quota) Rebuild(ctx context.Context, account identity.AccountID) error {
	return s.db.tx(ctx, func(q querier) error {
		// The account's row keeps turns from beginning and ending meanwhile.
		if _, err := bump(ctx, q, account, 0); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `DELETE FROM quota_counters WHERE account_id = $1`, account); err != nil {
			return err
		}
		truth, err := realBalances(ctx, q, account)
		if err != nil {
			return err
		}
		return batches(sorted(truth), func(some []quota.Balance) error {
			args := make([]any, 0, len(some)*chargeWidth)
			for _, b := range some {
				args = append(args, account, b.Scope, b.Subject, b.Period, micros(b.Starts),
					b.Used.Messages, b.Held.Messages, b.Used.Tokens, b.Held.Tokens, b.Used.MicroUSD, b.Held.MicroUSD)
			}
			_, err := q.ExecContext(ctx, rebuildText+tuples(1, len(some), chargeWidth)+rebuildBeside, args...)
			return err
		})
	})
}

// sorted are balances in the one order of their counters.
func sorted(all map[quota.Counter]quota.Balance) []quota.Balance {
	return slices.SortedFunc(maps.Values(all), func(a, b quota.Balance) int { return a.Compare(b.Counter) })
}
