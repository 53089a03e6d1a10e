package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

const sessionColumns = `sessions.id, sessions.user_id, sessions.client, sessions.scopes, sessions.device, sessions.version,
	sessions.address, sessions.created_at, sessions.seen_at, sessions.idle_until, sessions.expires_at, sessions.revoked_at`

// live is the condition under which a session can be used at $2.
const live = `sessions.revoked_at = 0 AND sessions.idle_until > $2 AND sessions.expires_at > $2`

// sessionRow is a session on its way out of the database.
type sessionRow struct {
	session                               identity.Session
	created, seen, idle, expires, revoked int64
}

func (r *sessionRow) fields() []any {
	s := &r.session
	return []any{&s.ID, &s.User, &s.Client, (*scopes)(&s.Scopes), &s.Device, &s.Version, &s.Address,
		&r.created, &r.seen, &r.idle, &r.expires, &r.revoked}
}

func (r *sessionRow) done() identity.Session {
	s := r.session
	s.CreatedAt, s.SeenAt, s.IdleUntil = fromMicros(r.created), fromMicros(r.seen), fromMicros(r.idle)
	s.ExpiresAt, s.RevokedAt = fromMicros(r.expires), fromMicros(r.revoked)
	return s
}

func scanSession(rows *sql.Rows) (identity.Session, error) {
	var r sessionRow
	err := rows.Scan(r.fields()...)
	return r.done(), err
}

var errNoSession = fault.New(fault.NotFound, "There is no such session.")

const sessionByAccess = `SELECT ` + sessionColumns + `, ` + ownerColumns + `
	FROM access_tokens a JOIN sessions ON sessions.id = a.session_id
	JOIN users u ON sessions.user_id` + ownerJoin + `
	WHERE a.hash = $1 AND a.expires_at > $2 AND ` + live

// SessionByAccess implements identity.Sessions.
func (s *Identities) SessionByAccess(ctx context.Context, hash []byte, now time.Time) (session identity.Session, p identity.Principal, err error) {
	err = s.db.view(ctx, func(q querier) error {
		var r sessionRow
		var owner ownerRow
		ok, err := found(q.QueryRowContext(ctx, sessionByAccess, hash, micros(now)), append(r.fields(), owner.fields()...)...)
		if err == nil && !ok {
			return fault.New(fault.Unauthenticated, "The session has ended, or its token has expired: please sign in.")
		}
		session = r.done()
		p = owner.as(session.User, session.ID, session.Scopes)
		return err
	})
	return session, p, err
}

// Sessions implements identity.Sessions.
func (s *Identities) Sessions(ctx context.Context, user identity.UserID, now time.Time) (all []identity.Session, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanSession, `SELECT `+sessionColumns+` FROM sessions
			WHERE user_id = $1 AND `+live+` ORDER BY seen_at DESC, id DESC`, user, micros(now))
		return err
	})
	return all, err
}

// RevokeSession implements identity.Sessions.
func (s *Identities) RevokeSession(ctx context.Context, user identity.UserID, id string, at time.Time) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE sessions SET revoked_at = CASE WHEN revoked_at = 0 THEN $3 ELSE revoked_at END
			WHERE user_id = $1 AND id = $2`, user, id, micros(at))
		if err != nil {
			return err
		}
		if n == 0 {
			return errNoSession
		}
		return tell(ctx, s.db, q, id)
	})
}

// RevokeSessions implements identity.Sessions.
func (s *Identities) RevokeSessions(ctx context.Context, user identity.UserID, but string, at time.Time) (ids []string, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		// First, so that a program that is just being let in is found below.
		if _, err := q.ExecContext(ctx, `UPDATE devices SET state = 'denied' WHERE user_id = $1 AND state = 'approved'`, user); err != nil {
			return err
		}
		ids, err = collect(ctx, q, scanID, `UPDATE sessions SET revoked_at = $3
			WHERE user_id = $1 AND id <> $2 AND revoked_at = 0 RETURNING id`, user, but, micros(at))
		if err != nil {
			return err
		}
		return tell(ctx, s.db, q, ids...)
	})
	return ids, err
}

func scanID(rows *sql.Rows) (id string, err error) { return id, rows.Scan(&id) }

const sessionDue = `SELECT seen_at <= $2 FROM sessions WHERE id = $1`

// SessionSeen implements identity.Sessions. Most calls are a read.
func (s *Identities) SessionSeen(ctx context.Context, id string, seen identity.Seen, at time.Time) error {
	if err := checkSeen(seen); err != nil {
		return err
	}
	if due, err := s.due(ctx, sessionDue, id, at); err != nil || !due {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE sessions SET seen_at = $2, `+seenColumns+` WHERE id = $1 AND seen_at <= $5`,
			id, micros(at), seen.Address, seen.Client, micros(at.Add(-seenEvery)))
		return err
	})
}

// seenColumns sets where a session was seen to $3 and $4, as far as that is
// known.
const seenColumns = `address = CASE WHEN CAST($3 AS TEXT) = '' THEN address ELSE $3 END,
	version = CASE WHEN CAST($4 AS TEXT) = '' THEN version ELSE $4 END`

func checkSeen(seen identity.Seen) error {
	return checkTexts(named{"the address", seen.Address}, named{"the program's version", seen.Client})
}
