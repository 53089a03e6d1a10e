package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// Settle implements quota.Store.
func (s *Quota) Settle(ctx context.Context, account identity.AccountID, id string, entries []usage.Entry) (told []quota.Warning, err error) {
	settled, told, err := s.settle(ctx, account, id, entries)
	if err != nil || settled {
		return told, err
	}
	// The calls were made all the same, though they cannot count any more. Their
	// rows name the reservation by which they would have.
	late := uncharged(entries)
	for i := range late {
		late[i].Reservation = id
	}
	return nil, s.db.tx(ctx, func(q querier) error { return appendEntries(ctx, q, late) })
}

// settle settles a reservation that is still there, and does nothing for another.
func (s *Quota) settle(ctx context.Context, account identity.AccountID, id string, entries []usage.Entry) (settled bool, told []quota.Warning, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		anchor, err := holdAnchor(ctx, s.db, q, account)
		if err != nil {
			return err
		}
		r, ok, err := claimReservation(ctx, q, account, id)
		if settled = ok; err != nil || !ok {
			return err
		}
		told, err = settle(ctx, s.db, q, &r, anchor, entries)
		return err
	})
	return settled, told, err
}

// holdAnchor reads the day on which the account's months begin, and keeps it from
// being changed: who changes it counts anew what was counted by the day before. A
// turn has the account's row already; others lock it as turns do, before all else.
func holdAnchor(ctx context.Context, db *DB, q querier, account identity.AccountID) (int, error) {
	var anchor, created int64
	ok, err := found(q.QueryRowContext(ctx, db.sql.anchor, account), &anchor, &created)
	if err == nil && !ok {
		return 0, errNoAccount
	}
	return anchorOf(anchor, fromMicros(created)), err
}

// claimReservation removes a reservation: of all who would settle it one gets it.
func claimReservation(ctx context.Context, q querier, account identity.AccountID, id string) (r reservation, ok bool, err error) {
	all, err := collect(ctx, q, scanReservation, `DELETE FROM quota_reservations WHERE account_id = $1 AND id = $2
		RETURNING `+reservationColumns, account, id)
	if err != nil || len(all) == 0 {
		return r, false, err
	}
	return all[0], true, nil
}

// settleTurn stores a turn's ledger rows, and settles its reservation if it has
// one. Without one its rows are charged to nobody.
func settleTurn(ctx context.Context, db *DB, q querier, account identity.AccountID, id string, entries []usage.Entry) ([]quota.Warning, error) {
	r, ok, err := claimReservation(ctx, q, account, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, appendEntries(ctx, q, uncharged(entries))
	}
	anchor, err := holdAnchor(ctx, db, q, account)
	if err != nil {
		return nil, err
	}
	return settle(ctx, db, q, &r, anchor, entries)
}

// uncharged are rows that count against no limit, whatever they say: what counts
// is settled.
func uncharged(entries []usage.Entry) []usage.Entry {
	entries = slices.Clone(entries)
	for i := range entries {
		entries[i].Charged, entries[i].Reservation, entries[i].CountedAt = false, "", time.Time{}
	}
	return entries
}

// settle charges a claimed reservation with ledger rows, stores them, and gives
// back what was held. It returns what the user is to be told of, which happens
// once: only after an answer, since nobody listens after other calls. anchor is the
// account's by now, which may be another than that of the reservation.
func settle(ctx context.Context, db *DB, q querier, r *reservation, anchor int, entries []usage.Entry) ([]quota.Warning, error) {
	entries = slices.Clone(entries)
	tally := quota.Tally{Anchor: anchor}
	for i := range entries {
		e := &entries[i]
		if r.lacksKey(e) {
			e.KeyID = r.Key
		}
		e.Charged, e.Reservation, e.CountedAt = true, r.id, r.at
		tally.Add(e)
	}
	after, err := charge(ctx, q, r, tally.Sums())
	if err != nil {
		return nil, err
	}
	if err := appendEntries(ctx, q, entries); err != nil || r.kind != usage.Answer {
		return nil, err
	}
	warnings, err := warn(ctx, q, r, anchor, after)
	if err != nil {
		return nil, err
	}
	return warnings, writeOwners(ctx, db, q, r.account, warnings)
}

// lacksKey reports whether a row is of the call that was reserved, but was written
// by one who found it dead and cannot know which key it was made with.
func (r *reservation) lacksKey(e *usage.Entry) bool {
	return e.KeyID == "" && e.Lost() && quota.SubjectsOf(e).Model == r.Model
}

const (
	chargeText = `INSERT INTO quota_counters (account_id, scope, subject, period, starts,
		messages_used, messages_held, tokens_used, tokens_held, micro_usd_used, micro_usd_held) VALUES `
	chargeWidth = 11

	// What is excluded.…_held here is given back: the row is there, since the
	// reservation has put it there.
	chargeThem = ` ON CONFLICT (account_id, period, starts, scope, subject) DO UPDATE SET
		messages_used = quota_counters.messages_used + excluded.messages_used,
		messages_held = quota_counters.messages_held - excluded.messages_held,
		tokens_used = quota_counters.tokens_used + excluded.tokens_used,
		tokens_held = quota_counters.tokens_held - excluded.tokens_held,
		micro_usd_used = quota_counters.micro_usd_used + excluded.micro_usd_used,
		micro_usd_held = quota_counters.micro_usd_held - excluded.micro_usd_held
	RETURNING scope, subject, period, starts, messages_used, messages_most, messages_told,
		tokens_used, tokens_most, tokens_told, micro_usd_used, micro_usd_most, micro_usd_told`
)

// charge gives back what a reservation held and adds what was used, in the one
// order of counters. A call that was answered by another model than the one
// reserved is charged to the other.
func charge(ctx context.Context, q querier, r *reservation, used map[quota.Counter]quota.Amount) ([]told, error) {
	held := r.counters()
	all := slices.Clone(held)
	for c := range used {
		if !slices.Contains(held, c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, quota.Counter.Compare)
	args := make([]any, 0, len(all)*chargeWidth)
	for _, c := range all {
		var back quota.Amount
		if slices.Contains(held, c) {
			back = r.amount
		}
		u := used[c]
		args = append(args, r.account, c.Scope, c.Subject, c.Period, micros(c.Starts),
			u.Messages, back.Messages, u.Tokens, back.Tokens, u.MicroUSD, back.MicroUSD)
	}
	return collect(ctx, q, scanTold, chargeText+tuples(1, len(all), chargeWidth)+chargeThem, args...)
}

// told is a counter with what its user has been told of it: of each unit, in the
// order of quota.Units.
type told struct {
	quota.Counter
	units [3]struct{ used, most, told int64 }
}

func scanTold(rows *sql.Rows) (t told, err error) {
	var starts int64
	into := []any{&t.Scope, &t.Subject, &t.Period, &starts}
	for i := range t.units {
		u := &t.units[i]
		into = append(into, &u.used, &u.most, &u.told)
	}
	err = rows.Scan(into...)
	t.Starts = fromMicros(starts)
	return t, err
}

// warn notes which limits have come to a level that their user has not been told
// of, and returns them. The counters are locked.
func warn(ctx context.Context, q querier, r *reservation, anchor int, counters []told) (all []quota.Warning, err error) {
	for _, t := range counters {
		for i, unit := range quota.Units() {
			u := t.units[i]
			level := quota.Level(u.used, u.most)
			if int64(level) <= u.told {
				continue
			}
			if _, err := q.ExecContext(ctx, tellText[unit], r.account, t.Scope, t.Subject, t.Period, micros(t.Starts), level); err != nil {
				return nil, err
			}
			all = append(all, quota.Warning{Counter: t.Counter, Unit: unit, Percent: level, Used: u.used, Most: u.most,
				Resets: t.Period.Around(r.at, anchor).Ends})
		}
	}
	slices.SortFunc(all, func(a, b quota.Warning) int { return cmp.Compare(b.Percent, a.Percent) })
	return all, nil
}

// ownersText lists whom letters about an account go to: its owners, but for the
// owner of a local socket, and those who can be written to.
const ownersText = `SELECT u.name, u.email, u.locale FROM memberships AS m JOIN users AS u ON u.id = m.user_id
	WHERE m.account_id = $1 AND m.role = 'owner' AND u.local = FALSE AND u.email <> '' ORDER BY u.id`

// writeOwners queues the letters about limits, in the transaction that notes that
// they have been told of: so each is written once.
func writeOwners(ctx context.Context, db *DB, q querier, account identity.AccountID, warnings []quota.Warning) error {
	if db.warn == nil || len(warnings) == 0 {
		return nil
	}
	owners, err := collect(ctx, q, func(rows *sql.Rows) (u identity.User, err error) {
		return u, rows.Scan(&u.Name, &u.Email, &u.Locale)
	}, ownersText, account)
	if err != nil {
		return err
	}
	for _, u := range owners {
		for _, w := range warnings {
			if err := enqueue(ctx, db, q, db.warn(u, w)); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellText notes of a unit that its user has been told.
var tellText = map[quota.Unit]string{
	quota.Messages: tellUnit("messages"),
	quota.Tokens:   tellUnit("tokens"),
	quota.MicroUSD: tellUnit("micro_usd"),
}

func tellUnit(unit string) string {
	return `UPDATE quota_counters SET ` + unit + `_told = $6
		WHERE account_id = $1 AND scope = $2 AND subject = $3 AND period = $4 AND starts = $5`
}

// expiredText finds reservations that nobody will settle; the first %s is the
// condition on their time, the second the database's clock or nothing.
const expiredText = `SELECT ` + reservationColumns + ` FROM quota_reservations AS r
	WHERE (CAST($1 AS BOOLEAN) OR expires_at < %s) AND NOT EXISTS (SELECT 1 FROM turns AS t
		WHERE t.account_id = r.account_id AND t.id = r.id AND t.state = 'running')
	ORDER BY expires_at LIMIT $2`

// Expire implements quota.Store. Each is a transaction of its own.
func (s *Quota) Expire(ctx context.Context, all bool, limit int) (n int, err error) {
	var expired []reservation
	if err := s.db.view(ctx, func(q querier) error {
		expired, err = collect(ctx, q, scanReservation, s.db.sql.expired, all, limit)
		return err
	}); err != nil {
		return 0, err
	}
	var failed []error
	for i := range expired {
		r := &expired[i]
		settled, _, err := s.settle(ctx, r.account, r.id, []usage.Entry{r.lost(s.db.now())})
		switch {
		case err != nil:
			failed = append(failed, err) // one that cannot be settled holds up no other
		case settled: // by nobody else meanwhile
			n++
		}
	}
	return n, errors.Join(failed...)
}

// lost is the ledger's row for a call of which nothing is known but that it was
// going to be made: its prompt, estimated.
func (r *reservation) lost(now time.Time) usage.Entry {
	e := usage.Entry{Account: r.account, ID: uuid.Must(uuid.NewV7()).String(), CreatedAt: now, Member: r.Member, Kind: r.kind,
		Conversation: r.conversation, Attempt: 1, KeyID: r.Key, Tokens: provider.Usage{Input: max(1, r.prompt)},
		Source: usage.Estimated, Outcome: usage.Interrupted}
	e.Provider, e.Model, _ = provider.SplitID(r.Model)
	if r.kind == usage.Answer && r.conversation != "" { // one that is saved
		e.Turn = r.id
	}
	if r.price != nil {
		e.PriceKnown, e.Price, e.CostMicroUSD = true, *r.price, r.price.Cost(e.Tokens)
	}
	return e
}
