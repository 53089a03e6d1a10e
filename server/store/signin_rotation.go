package store

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

// Rotate implements signin.GrantStore. The claim is one conditional statement:
// of many at once one finds the token unclaimed, and the others wait for its
// commit and then read the salt that it left.
func (s *SignIn) Rotate(ctx context.Context, r signin.Rotation) (out signin.Rotated, err error) {
	if err := checkSeen(r.Seen); err != nil {
		return out, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		out = signin.Rotated{}
		var id string
		claimed, err := found(q.QueryRowContext(ctx, `UPDATE refresh_tokens SET claimed_at = $2, salt = $3
			WHERE hash = $1 AND claimed_at = 0
				AND EXISTS (SELECT 1 FROM sessions WHERE sessions.id = refresh_tokens.session_id AND `+live+`)
			RETURNING session_id`, r.Hash, micros(r.Now), r.Salt), &id)
		switch {
		case err != nil:
			return err
		case claimed:
			out, err = succeed(ctx, q, id, r)
		default:
			out, err = s.replayed(ctx, q, r)
		}
		return err
	})
	return out, err
}

// succeed stores what follows the token that was just claimed. Where the session
// has been revoked meanwhile, nothing has happened.
func succeed(ctx context.Context, q querier, id string, r signin.Rotation) (out signin.Rotated, err error) {
	all, err := collect(ctx, q, scanSession, `UPDATE sessions SET seen_at = $2, idle_until = $5, `+seenColumns+`
		WHERE id = $1 AND `+live+` RETURNING `+sessionColumns,
		id, micros(r.Now), r.Seen.Address, r.Seen.Client, micros(r.IdleUntil))
	if err != nil {
		return out, err
	}
	if len(all) == 0 {
		return out, errNothing
	}
	session := all[0]
	refresh, access := r.Successor(r.Salt)
	expires := fromMicros(micros(sooner(r.AccessExpiresAt, session.ExpiresAt)))
	if err := addTokens(ctx, q, session, refresh, access, r.Now, expires); err != nil {
		return out, err
	}
	// The salts of its forebears have done their work.
	if _, err := q.ExecContext(ctx, `UPDATE refresh_tokens SET salt = $3
		WHERE session_id = $1 AND claimed_at > 0 AND claimed_at <= $2 AND length(salt) > 0`,
		id, micros(r.Now.Add(-r.Grace)), []byte{}); err != nil {
		return out, err
	}
	return signin.Rotated{Outcome: signin.Fresh, Session: session, Salt: r.Salt, AccessExpiresAt: expires}, nil
}

func sooner(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// replayed says what a token is that could not be claimed, and ends its session
// where it should have been forgotten.
func (s *SignIn) replayed(ctx context.Context, q querier, r signin.Rotation) (out signin.Rotated, err error) {
	var row sessionRow
	var claimed int64
	var salt []byte
	ok, err := found(q.QueryRowContext(ctx, `SELECT `+sessionColumns+`, k.claimed_at, k.salt
		FROM refresh_tokens k JOIN sessions ON sessions.id = k.session_id
		WHERE k.hash = $1 AND k.claimed_at > 0 AND `+live, r.Hash, micros(r.Now)),
		append(row.fields(), &claimed, &salt)...)
	if err != nil || !ok {
		return out, err
	}
	session := row.done()
	if len(salt) == 0 || !r.Now.Before(fromMicros(claimed).Add(r.Grace)) {
		return s.reused(ctx, q, session, r.Now)
	}
	_, access := r.Successor(salt)
	var expires int64
	if _, err := found(q.QueryRowContext(ctx, `SELECT expires_at FROM access_tokens WHERE hash = $1`, access), &expires); err != nil {
		return out, err
	}
	return signin.Rotated{Outcome: signin.Retried, Session: session, Salt: salt, AccessExpiresAt: fromMicros(expires)}, nil
}

// reused ends the session of a token that somebody showed a second time.
func (s *SignIn) reused(ctx context.Context, q querier, session identity.Session, now time.Time) (signin.Rotated, error) {
	n, err := affected(ctx, q, `UPDATE sessions SET revoked_at = $2 WHERE id = $1 AND revoked_at = 0`, session.ID, micros(now))
	if err != nil || n == 0 { // it has ended meanwhile
		return signin.Rotated{}, err
	}
	session.RevokedAt = fromMicros(micros(now))
	return signin.Rotated{Outcome: signin.Reused, Session: session}, tell(ctx, s.db, q, session.ID)
}

// SessionOf implements signin.GrantStore.
func (s *SignIn) SessionOf(ctx context.Context, tokenHash []byte) (session identity.Session, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanSession, `SELECT `+sessionColumns+` FROM sessions WHERE id IN (
			SELECT session_id FROM refresh_tokens WHERE hash = $1
			UNION ALL SELECT session_id FROM access_tokens WHERE hash = $1)`, tokenHash)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errNoSession
		}
		session = all[0]
		return nil
	})
	return session, err
}
