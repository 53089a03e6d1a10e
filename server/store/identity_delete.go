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
		err = s.forget(ctx, q, id)
		if s.db.dialect.classify(err) == conflict {
			return errAgain // somebody has just signed in, or linked an identity
		}
		return err
	})
}

// emptyAccount removes all that an account owns, and closes it. Turns are locked
// before the account, as everywhere; those that began meanwhile are removed with
// the rest. From then on bump finds the account closed.
func (s *Identities) emptyAccount(ctx context.Context, q querier, account identity.AccountID) error {
	return each(ctx, q, account,
		`DELETE FROM turn_chunks WHERE account_id = $1`,
		`DELETE FROM turns WHERE account_id = $1`,
		`UPDATE accounts SET name = '', closed_at = `+s.db.dialect.now+` WHERE id = $1`,
		`DELETE FROM turn_chunks WHERE account_id = $1`,
		`DELETE FROM turns WHERE account_id = $1`,
		s.db.dialect.removeAll,
		`DELETE FROM messages WHERE account_id = $1`,
		`DELETE FROM tombstones WHERE account_id = $1`,
		`DELETE FROM conversations WHERE account_id = $1`,
	)
}

// mailboxes are the addresses that a user is known by.
const mailboxes = `SELECT email FROM users WHERE id = $1 AND email <> ''
	UNION SELECT email FROM externals WHERE user_id = $1 AND email <> ''
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
	return each(ctx, q, id,
		`DELETE FROM invitations WHERE used_by = $1`,
		`UPDATE audit_events SET detail = '', address = '' WHERE user_id = $1 OR by_whom = $1`,
		`DELETE FROM browsers WHERE user_id = $1`,
		`DELETE FROM devices WHERE user_id = $1`,
		`DELETE FROM sessions WHERE user_id = $1`, // and with them their tokens
		`DELETE FROM tokens WHERE user_id = $1`,
		`DELETE FROM externals WHERE user_id = $1`,
		`DELETE FROM memberships WHERE user_id = $1`,
		`DELETE FROM users WHERE id = $1`,
	)
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
