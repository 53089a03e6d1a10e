package store

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
)

// DeleteUser implements identity.Users.
//
// What stays names nobody: the ledger's rows, which nothing may change, with the
// ids of an account that has no name any more and of a user who is not there; the
// security events with that id, without address and words; the ids of sessions
// for as long as other processes are told of their end. Letters
// that wait are not sent: what tells of the deletion is queued after it.
func (s *Identities) DeleteUser(ctx context.Context, id identity.UserID) error {
	return s.db.tx(ctx, func(q querier) error {
		err := s.deleteUser(ctx, q, id)
		switch s.db.dialect.classify(err) {
		case conflict, again:
			// Somebody has just signed in, or holds what this waits for. This one
			// meets more locks than any other, so it is the one that gives way.
			return errAgain
		default:
			return err
		}
	})
}

func (s *Identities) deleteUser(ctx context.Context, q querier, id identity.UserID) error {
	if err := oneAtATime(ctx, q); err != nil {
		return err
	}
	if err := keepAnAdmin(ctx, q, id); err != nil {
		return err
	}
	var account identity.AccountID
	ok, err := found(q.QueryRowContext(ctx, `SELECT account_id FROM users WHERE id = $1`, id), &account)
	if err != nil {
		return err
	}
	if !ok {
		return errNoUser
	}
	if err := s.emptyAccount(ctx, q, account); err != nil {
		return err
	}
	return s.forget(ctx, q, id)
}

// emptyAccount closes an account and removes all that it owns. Locks are taken in
// the usual order: the turns that run, the account, whose bump finds it closed
// from then on, and then what Purge may be at.
func (s *Identities) emptyAccount(ctx context.Context, q querier, account identity.AccountID) error {
	return each(ctx, q, account,
		`UPDATE turns SET cancel_asked = TRUE WHERE account_id = $1 AND state = 'running'`,
		`UPDATE accounts SET name = '', closed_at = `+s.db.dialect.now+` WHERE id = $1`,
		`UPDATE conversations SET deleted_at = 1 WHERE account_id = $1 AND deleted_at > 0`,
		`DELETE FROM turn_chunks WHERE account_id = $1`,
		`DELETE FROM turns WHERE account_id = $1`,
		`DELETE FROM provider_keys WHERE account_id = $1`,
		s.db.dialect.removeAll,
		`DELETE FROM message_ratings WHERE account_id = $1`,
		`DELETE FROM messages WHERE account_id = $1`,
		`DELETE FROM tombstones WHERE account_id = $1`,
		`DELETE FROM conversations WHERE account_id = $1`,
	)
}

// mailboxes are the addresses that a user is known by, as far as somebody vouches
// for them: at some providers anybody may write down anybody's, and what is the
// other one's (a code on its way, an invitation, what the log of security events
// says) must not go with the user.
const mailboxes = `SELECT email FROM users WHERE id = $1 AND email <> ''
	UNION SELECT email FROM externals WHERE user_id = $1 AND email <> '' AND email_verified = TRUE
	UNION SELECT subject FROM externals WHERE user_id = $1 AND issuer = 'email'`

// forget removes a user, whose account is empty, and what others' rows say of
// that user.
func (s *Identities) forget(ctx context.Context, q querier, id identity.UserID) error {
	addresses, err := collect(ctx, q, scanID, mailboxes, id)
	if err != nil {
		return err
	}
	for _, a := range addresses {
		if err := each(ctx, q, a,
			`DELETE FROM email_codes WHERE mailbox = $1`,
			`DELETE FROM invitations WHERE mailbox = $1`,
			`DELETE FROM river_job WHERE kind = 'mail' AND state <> 'running' AND args ->> 'to' = $1`,
			`UPDATE audit_events SET detail = replace(detail, $1, '(deleted)') WHERE detail <> replace(detail, $1, '(deleted)')`,
		); err != nil {
			return err
		}
	}
	ended, err := collect(ctx, q, scanID, `SELECT id FROM sessions WHERE user_id = $1
		UNION ALL SELECT id FROM tokens WHERE user_id = $1`, id)
	if err != nil {
		return err
	}
	if err := tell(ctx, s.db, q, ended...); err != nil {
		return err
	}
	if err := each(ctx, q, id,
		`DELETE FROM invitations WHERE used_by = $1`,
		`DELETE FROM message_ratings WHERE user_id = $1`,
		`UPDATE audit_events SET detail = '', address = '' WHERE user_id = $1 OR by_whom = $1`,
		`DELETE FROM browsers WHERE user_id = $1`,
		`DELETE FROM devices WHERE user_id = $1`,
		// Rotate locks a token before its session.
		`DELETE FROM refresh_tokens WHERE session_id IN (SELECT id FROM sessions WHERE user_id = $1)`,
		`DELETE FROM sessions WHERE user_id = $1`,
		`DELETE FROM tokens WHERE user_id = $1`,
		`DELETE FROM externals WHERE user_id = $1`,
		`DELETE FROM memberships WHERE user_id = $1`,
		`DELETE FROM users WHERE id = $1`, // and with them their provider keys
	); err != nil {
		return err
	}
	return keysChanged(ctx, q)
}

// each runs several statements on one key.
func each[K ~string](ctx context.Context, q querier, key K, queries ...string) error {
	for _, query := range queries {
		if _, err := q.ExecContext(ctx, query, key); err != nil {
			return err
		}
	}
	return nil
}
