package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// Mismatches implements quota.Audit. Each account is read at a moment of its own.
func (s *Quota) Mismatches(ctx context.Context, account identity.AccountID) (all []quota.Mismatch, err error) {
	err = s.db.view(ctx, func(q querier) error {
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
			UNION SELECT account_id FROM usage_ledger WHERE charged = TRUE ORDER BY 1`)
}

// Rebuild implements quota.Audit. By how much a counter is wrong does not depend
// on when one looks: whatever happens to an account changes its counters by as
// much as its ledger and its reservations, in one transaction. So the difference
// is read at one moment, while others go on, and added later.
//
// The account's row is locked so that no two add the same difference. Counters
// are then locked as everybody locks them: after that row, in their one order.
func (s *Quota) Rebuild(ctx context.Context, account identity.AccountID) (wrong []quota.Mismatch, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE accounts SET rev = rev WHERE id = $1`, account)
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoAccount
		}
		if wrong, err = mismatches(ctx, q, account); err != nil {
			return err
		}
		return correct(ctx, q, wrong)
	})
	if err != nil {
		return nil, err
	}
	return wrong, nil
}

const (
	// emptyText makes a counter, unless it is there.
	emptyText = `INSERT INTO quota_counters (account_id, scope, subject, period, starts) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`

	// correctText adds to a counter what it lacks.
	correctText = `UPDATE quota_counters SET messages_used = messages_used + $6, messages_held = messages_held + $7,
			tokens_used = tokens_used + $8, tokens_held = tokens_held + $9,
			micro_usd_used = micro_usd_used + $10, micro_usd_held = micro_usd_held + $11
		WHERE account_id = $1 AND scope = $2 AND subject = $3 AND period = $4 AND starts = $5`
)

// correct adds what counters lack, in their order.
func correct(ctx context.Context, q querier, wrong []quota.Mismatch) error {
	for _, m := range wrong {
		c := m.Real.Counter
		key := []any{m.Account, c.Scope, c.Subject, c.Period, micros(c.Starts)}
		if _, err := q.ExecContext(ctx, emptyText, key...); err != nil {
			return err
		}
		used, held := m.Real.Used.Minus(m.Stored.Used), m.Real.Held.Minus(m.Stored.Held)
		if _, err := q.ExecContext(ctx, correctText, append(key, used.Messages, held.Messages,
			used.Tokens, held.Tokens, used.MicroUSD, held.MicroUSD)...); err != nil {
			return err
		}
	}
	return nil
}

// mismatches are the account's counters that are wrong, in their order.
func mismatches(ctx context.Context, q querier, account identity.AccountID) ([]quota.Mismatch, error) {
	all, err := factsOf(ctx, q, account)
	if err != nil {
		return nil, err
	}
	var wrong []quota.Mismatch
	for c, b := range all.balances() {
		b.Counter = c
		stored := all.stored[c]
		stored.Counter = c
		if b != stored {
			wrong = append(wrong, quota.Mismatch{Account: account, Stored: stored, Real: b})
		}
	}
	slices.SortFunc(wrong, func(a, b quota.Mismatch) int { return a.Real.Compare(b.Real.Counter) })
	return wrong, nil
}

// factsText reads all that bears on an account's counters, in one statement since
// that is one moment on both databases, also amid a transaction: the account,
// its counters, its reservations, its charged rows. Each comes in the columns
// that scanFact names. Rows of one reservation come together, for quota.Tally.
const factsText = `SELECT 1 AS source, '' AS who, '' AS provider, '' AS model, '' AS key_id, '' AS kind, '' AS reservation,
		0 AS attempt, '' AS id, created_at AS at, anchor_day AS anchor, 0 AS n1, 0 AS n2, 0 AS n3, 0 AS n4, 0 AS n5, 0 AS n6
		FROM accounts WHERE id = $1
	UNION ALL SELECT 2, scope, '', subject, period, '', '', 0, '', starts, 0,
		messages_used, tokens_used, micro_usd_used, messages_held, tokens_held, micro_usd_held
		FROM quota_counters WHERE account_id = $1
	UNION ALL SELECT 3, member_id, '', model, key_id, '', '', 0, '', at, anchor_day, messages, tokens, micro_usd, 0, 0, 0
		FROM quota_reservations WHERE account_id = $1
	UNION ALL SELECT 4, member_id, provider, model, key_id, kind, reservation_id, attempt, id, counted_at, 0,
		input_tokens, cached_read, cached_write, output_tokens, cost_micro_usd, 0
		FROM usage_ledger WHERE account_id = $1 AND charged = TRUE
	ORDER BY source, reservation, attempt, id`

// The sources of facts, as factsText numbers them.
const (
	fromAccount = iota + 1
	fromCounter
	fromReservation
	fromLedger
)

// fact is a row of factsText.
type fact struct {
	source                          int
	who, provider, model, key, kind string
	reservation                     string
	at                              int64
	anchor                          int64
	n                               [6]int64
}

func scanFact(rows *sql.Rows) (f fact, err error) {
	var attempt int64
	var id string
	err = rows.Scan(&f.source, &f.who, &f.provider, &f.model, &f.key, &f.kind, &f.reservation, &attempt, &id, &f.at, &f.anchor,
		&f.n[0], &f.n[1], &f.n[2], &f.n[3], &f.n[4], &f.n[5])
	return f, err
}

// facts are what is stored of an account's counters, and what they are made of.
type facts struct {
	stored, held map[quota.Counter]quota.Balance
	tally        quota.Tally
}

func factsOf(ctx context.Context, q querier, account identity.AccountID) (all *facts, err error) {
	rows, err := q.QueryContext(ctx, factsText, account)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	all = &facts{stored: map[quota.Counter]quota.Balance{}, held: map[quota.Counter]quota.Balance{}}
	there := false
	for rows.Next() {
		f, err := scanFact(rows)
		if err != nil {
			return nil, err
		}
		there = there || f.source == fromAccount
		all.add(&f)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if !there {
		return nil, errNoAccount
	}
	return all, nil
}

func (all *facts) add(f *fact) {
	switch at := fromMicros(f.at); f.source {
	case fromAccount:
		all.tally.Anchor = anchorOf(f.anchor, at)
	case fromCounter:
		c := quota.Counter{Scope: quota.Scope(f.who), Subject: f.model, Period: quota.Period(f.key), Starts: at}
		all.stored[c] = quota.Balance{Counter: c, Used: quota.Amount{Messages: f.n[0], Tokens: f.n[1], MicroUSD: f.n[2]},
			Held: quota.Amount{Messages: f.n[3], Tokens: f.n[4], MicroUSD: f.n[5]}}
	case fromReservation:
		r := reservation{at: at, anchor: int(f.anchor), Subjects: quota.Subjects{Member: identity.UserID(f.who), Model: f.model, Key: f.key}}
		for _, c := range r.counters() {
			b := all.held[c]
			b.Held = b.Held.Plus(quota.Amount{Messages: f.n[0], Tokens: f.n[1], MicroUSD: f.n[2]})
			all.held[c] = b
		}
	case fromLedger:
		e := usage.Entry{Member: identity.UserID(f.who), Provider: f.provider, Model: f.model, KeyID: f.key, Kind: usage.Kind(f.kind),
			Reservation: f.reservation, CountedAt: at, Charged: true, CostMicroUSD: f.n[4]}
		e.Tokens.Input, e.Tokens.CachedRead, e.Tokens.CachedWrite, e.Tokens.Output = f.n[0], f.n[1], f.n[2], f.n[3]
		all.tally.Add(&e)
	}
}

// balances are what the counters should be: those that are stored, empty where
// nothing is counted in them, and those that are missing.
func (all *facts) balances() map[quota.Counter]quota.Balance {
	should := map[quota.Counter]quota.Balance{}
	for c := range all.stored {
		should[c] = quota.Balance{}
	}
	maps.Copy(should, all.held)
	for c, used := range all.tally.Sums() {
		b := should[c]
		b.Used = used
		should[c] = b
	}
	return should
}
