package store

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// reservation is a row of quota_reservations.
type reservation struct {
	account      identity.AccountID
	id           string
	at           time.Time
	anchor       int
	kind         usage.Kind
	conversation string
	quota.Subjects
	prompt int64
	price  *provider.Price
	amount quota.Amount
}

// counters are those that it holds in.
func (r *reservation) counters() []quota.Counter {
	return r.Counters(quota.Day.Around(r.at, r.anchor).Starts, quota.Month.Around(r.at, r.anchor).Starts)
}

const reservationColumns = `account_id, id, at, anchor_day, kind, conversation_id, member_id, model, key_id, prompt_tokens,
	price_known, price_input, price_cached_read, price_cached_write, price_cached_write_long, price_output, price_above, price_from,
	messages, tokens, micro_usd`

func scanReservation(rows *sql.Rows) (r reservation, err error) {
	var at int64
	var known bool
	var p provider.Price
	err = rows.Scan(&r.account, &r.id, &at, &r.anchor, &r.kind, &r.conversation, &r.Member, &r.Model, &r.Key, &r.prompt,
		&known, &p.Input, &p.CachedRead, &p.CachedWrite, &p.CachedWriteLong, &p.Output, &p.Above, &p.From, &r.amount.Messages, &r.amount.Tokens, &r.amount.MicroUSD)
	if r.at = fromMicros(at); known {
		r.price = &p
	}
	return r, err
}

// reserveText stores a reservation; %s is the database's clock.
const reserveText = `INSERT INTO quota_reservations (` + reservationColumns + `, expires_at)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, %s + CAST($22 AS BIGINT))
	ON CONFLICT DO NOTHING`

// holdText adds to what counters hold, each only as far as its limits allow; it
// is followed by the rows and then by holdOrNot, of which $1 to $3 are what each
// must leave of a unit. Counters are locked in the order of the rows. Nothing fits a limit that is lower than what is wanted of it alone,
// which insertion would not notice: hold looks at that beforehand.
const (
	holdText = `INSERT INTO quota_counters (account_id, scope, subject, period, starts,
		messages_held, messages_most, tokens_held, tokens_most, micro_usd_held, micro_usd_most) VALUES `
	holdFirst = 3 // placeholders before those of the rows
	holdWidth = 11
	holdOrNot = ` ON CONFLICT (account_id, period, starts, scope, subject) DO UPDATE SET
		messages_held = quota_counters.messages_held + excluded.messages_held,
		tokens_held = quota_counters.tokens_held + excluded.tokens_held,
		micro_usd_held = quota_counters.micro_usd_held + excluded.micro_usd_held,
		messages_most = excluded.messages_most, tokens_most = excluded.tokens_most, micro_usd_most = excluded.micro_usd_most,
		messages_told = CASE WHEN quota_counters.messages_most = excluded.messages_most THEN quota_counters.messages_told ELSE 0 END,
		tokens_told = CASE WHEN quota_counters.tokens_most = excluded.tokens_most THEN quota_counters.tokens_told ELSE 0 END,
		micro_usd_told = CASE WHEN quota_counters.micro_usd_most = excluded.micro_usd_most THEN quota_counters.micro_usd_told ELSE 0 END
	WHERE quota_counters.messages_used + quota_counters.messages_held + CAST($1 AS BIGINT) <= excluded.messages_most
	AND quota_counters.tokens_used + quota_counters.tokens_held + CAST($2 AS BIGINT) <= excluded.tokens_most
	AND quota_counters.micro_usd_used + quota_counters.micro_usd_held + CAST($3 AS BIGINT) <= excluded.micro_usd_most`
	whichFit = ` RETURNING scope, subject, period, starts`
)

// Reserve implements quota.Store.
func (s *Quota) Reserve(ctx context.Context, h *quota.Hold) error {
	return s.db.tx(ctx, func(q querier) error { return reserve(ctx, s.db, q, h) })
}

// reserve takes two statements. Counters are locked by one of them, in the order
// of its rows, and nothing is locked after them that anybody holds who waits for
// a counter: a turn locks its account's row before.
func reserve(ctx context.Context, db *DB, q querier, h *quota.Hold) error {
	n, err := affected(ctx, q, db.sql.reserve, reserveArgs(h)...)
	if err != nil || n == 0 { // it is held already
		return err
	}
	return hold(ctx, q, h)
}

func reserveArgs(h *quota.Hold) []any {
	var p provider.Price
	if h.Price != nil {
		p = *h.Price
	}
	worst := h.Worst.Amount
	return []any{h.Account, h.ID, micros(h.At), h.Anchor, h.Kind, h.Conversation, h.Member, h.Model, h.Key, h.Worst.Prompt,
		h.Price != nil, p.Input, p.CachedRead, p.CachedWrite, p.CachedWriteLong, p.Output, p.Above, p.From, worst.Messages, worst.Tokens, worst.MicroUSD,
		h.Expires.Microseconds()}
}

// hold takes the worst case from every counter, or says which has not so much.
func hold(ctx context.Context, q querier, h *quota.Hold) error {
	if err := h.Refusal(nil); err != nil { // even if nothing had been used
		return err
	}
	worst, least := h.Worst.Amount, h.Least()
	args := make([]any, 0, holdFirst+len(h.Caps)*holdWidth)
	args = append(args, least.Messages, least.Tokens, least.MicroUSD)
	for _, c := range h.Caps {
		args = append(args, h.Account, c.Scope, c.Subject, c.Period, micros(c.Starts),
			worst.Messages, c.Most.Messages, worst.Tokens, c.Most.Tokens, worst.MicroUSD, c.Most.MicroUSD)
	}
	query := holdText + tuples(holdFirst+1, len(h.Caps), holdWidth) + holdOrNot
	if h.Unseen {
		n, err := affected(ctx, q, query, args...)
		if err == nil && n < int64(len(h.Caps)) {
			err = quota.ErrUnseen
		}
		return err
	}
	fit, err := collect(ctx, q, scanCounter, query+whichFit, args...)
	if err != nil || len(fit) == len(h.Caps) {
		return err
	}
	return refusal(ctx, q, h, fit)
}

// refusal says which of the counters did not fit, all but those that did. They
// are locked.
func refusal(ctx context.Context, q querier, h *quota.Hold, fit []quota.Counter) error {
	day, month := quota.Day.Around(h.At, h.Anchor), quota.Month.Around(h.At, h.Anchor)
	all, err := collect(ctx, q, scanBalance, `SELECT `+balanceColumns+` FROM quota_counters
		WHERE account_id = $1 AND (period, starts) IN (VALUES ('day', CAST($2 AS BIGINT)), ('month', CAST($3 AS BIGINT)))`,
		h.Account, micros(day.Starts), micros(month.Starts))
	if err != nil {
		return err
	}
	without := *h
	without.Caps = slices.DeleteFunc(slices.Clone(h.Caps), func(c quota.Cap) bool { return slices.Contains(fit, c.Counter) })
	if err := without.Refusal(all); err != nil {
		return err
	}
	return h.TooMany()
}

func scanCounter(rows *sql.Rows) (c quota.Counter, err error) {
	var starts int64
	err = rows.Scan(&c.Scope, &c.Subject, &c.Period, &starts)
	c.Starts = fromMicros(starts)
	return c, err
}
