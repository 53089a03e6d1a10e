package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// The promises kept by SignIn.
var (
	_ signin.GrantStore  = (*SignIn)(nil)
	_ signin.PageStore   = (*SignIn)(nil)
	_ signin.PeopleStore = (*SignIn)(nil)
	_ signin.Pruner      = (*SignIn)(nil)
)

// SignIn keeps what is under way until somebody is signed in.
type SignIn struct{ db *DB }

// SignIn returns the store of what becomes a session.
func (db *DB) SignIn() *SignIn { return &SignIn{db} }

const deviceColumns = `code_hash, user_code_hash, client, scopes, name, version, address, created_at, expires_at,
	interval_us, polled_at, state, user_id, too_soon`

func scanPoll(rows *sql.Rows) (p signin.Poll, err error) {
	d := &p.Device
	var created, expires, interval, polled int64
	err = rows.Scan(&d.CodeHash, &d.UserCodeHash, &d.Client, (*scopes)(&d.Scopes), &d.Name, &d.Version, &d.Address,
		&created, &expires, &interval, &polled, &d.State, &d.User, &p.TooSoon)
	d.CreatedAt, d.ExpiresAt, d.PolledAt = fromMicros(created), fromMicros(expires), fromMicros(polled)
	d.Interval = time.Duration(interval) * time.Microsecond
	return p, err
}

var errNoDevice = fault.New(fault.NotFound, "There is no such request to sign in, or it is over: begin again.")

// AddDevice implements signin.GrantStore. A request that is over gives its user
// code back.
func (s *SignIn) AddDevice(ctx context.Context, d signin.Device) error {
	if err := checkTexts(named{"the machine's name", d.Name}, named{"the program's version", d.Version},
		named{"the client", d.Client}, named{"the address", d.Address}); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		if _, err := q.ExecContext(ctx, `DELETE FROM devices WHERE user_code_hash = $1 AND expires_at <= $2`,
			d.UserCodeHash, micros(d.CreatedAt)); err != nil {
			return err
		}
		n, err := affected(ctx, q, `INSERT INTO devices (code_hash, user_code_hash, client, scopes, name, version, address,
				created_at, expires_at, interval_us, state)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'pending') ON CONFLICT DO NOTHING`,
			d.CodeHash, d.UserCodeHash, d.Client, d.Scopes.String(), d.Name, d.Version, d.Address,
			micros(d.CreatedAt), micros(d.ExpiresAt), d.Interval.Microseconds())
		if err == nil && n == 0 {
			return fault.New(fault.IDConflict, "That code is in use.")
		}
		return err
	})
}

// DeviceByUserCode implements signin.GrantStore.
func (s *SignIn) DeviceByUserCode(ctx context.Context, userCodeHash []byte, now time.Time) (d signin.Device, err error) {
	err = s.db.view(ctx, func(q querier) error {
		p, err := onePoll(ctx, q, `SELECT `+deviceColumns+` FROM devices
			WHERE user_code_hash = $1 AND state = 'pending' AND expires_at > $2`, userCodeHash, micros(now))
		d = p.Device
		return err
	})
	return d, err
}

// DecideDevice implements signin.GrantStore.
func (s *SignIn) DecideDevice(ctx context.Context, userCodeHash []byte, user identity.UserID, approve bool, now time.Time) (d signin.Device, err error) {
	state := signin.Denied
	if approve {
		state = signin.Approved
	}
	err = s.db.tx(ctx, func(q querier) error {
		p, err := onePoll(ctx, q, `UPDATE devices SET state = $3, user_id = $4
			WHERE user_code_hash = $1 AND state = 'pending' AND expires_at > $2
			RETURNING `+deviceColumns, userCodeHash, micros(now), state, user)
		d = p.Device
		return err
	})
	return d, err
}

// slowDown is what one poll that came too soon adds to the interval (RFC 8628,
// section 3.5).
const slowDown = 5 * time.Second

// PollDevice implements signin.GrantStore.
func (s *SignIn) PollDevice(ctx context.Context, codeHash []byte, now time.Time) (p signin.Poll, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		p, err = onePoll(ctx, q, `UPDATE devices SET polled_at = $2,
				too_soon = (polled_at > 0 AND $2 < polled_at + interval_us),
				interval_us = interval_us + CASE WHEN polled_at > 0 AND $2 < polled_at + interval_us THEN CAST($3 AS BIGINT) ELSE 0 END
			WHERE code_hash = $1 RETURNING `+deviceColumns, codeHash, micros(now), slowDown.Microseconds())
		return err
	})
	return p, err
}

func onePoll(ctx context.Context, q querier, query string, args ...any) (signin.Poll, error) {
	all, err := collect(ctx, q, scanPoll, query, args...)
	if err != nil || len(all) > 0 {
		return append(all, signin.Poll{})[0], err
	}
	return signin.Poll{}, errNoDevice
}

// ClaimDevice implements signin.GrantStore.
func (s *SignIn) ClaimDevice(ctx context.Context, codeHash []byte, o signin.Opening) (session identity.Session, err error) {
	if err := checkSession(o.Session); err != nil {
		return session, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		session = o.Session
		ok, err := found(q.QueryRowContext(ctx, `UPDATE devices SET state = 'claimed'
			WHERE code_hash = $1 AND state = 'approved' AND expires_at > $2 RETURNING user_id`,
			codeHash, micros(session.CreatedAt)), &session.User)
		if err == nil && !ok {
			return errNoDevice
		}
		if err == nil {
			err = openSession(ctx, q, session, o)
		}
		if s.db.dialect.classify(err) == conflict { // the user is gone
			return errNoDevice
		}
		return err
	})
	return session, err
}

func checkSession(s identity.Session) error {
	return checkTexts(named{"the machine's name", s.Device}, named{"the program's version", s.Version},
		named{"the client", s.Client}, named{"the address", s.Address})
}

// openSession stores a session with its first tokens.
func openSession(ctx context.Context, q querier, s identity.Session, o signin.Opening) error {
	if _, err := q.ExecContext(ctx, `INSERT INTO sessions (id, user_id, client, scopes, device, version, address,
			created_at, seen_at, idle_until, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		s.ID, s.User, s.Client, s.Scopes.String(), s.Device, s.Version, s.Address,
		micros(s.CreatedAt), micros(s.SeenAt), micros(s.IdleUntil), micros(s.ExpiresAt)); err != nil {
		return err
	}
	return addTokens(ctx, q, s, o.RefreshHash, o.AccessHash, s.CreatedAt, o.AccessExpiresAt)
}

// addTokens stores a pair of tokens for a session.
func addTokens(ctx context.Context, q querier, s identity.Session, refresh, access []byte, now, expires time.Time) error {
	if _, err := q.ExecContext(ctx, `INSERT INTO refresh_tokens (hash, session_id, created_at) VALUES ($1, $2, $3)`,
		refresh, s.ID, micros(now)); err != nil {
		return err
	}
	_, err := q.ExecContext(ctx, `INSERT INTO access_tokens (hash, session_id, expires_at) VALUES ($1, $2, $3)`,
		access, s.ID, micros(expires))
	return err
}
