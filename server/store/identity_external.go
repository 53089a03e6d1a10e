package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

const externalColumns = `issuer, subject, user_id, email, email_verified, created_at, used_at`

func scanExternal(rows *sql.Rows) (e identity.External, err error) {
	var created, used int64
	err = rows.Scan(&e.Issuer, &e.Subject, &e.User, &e.Email, &e.EmailVerified, &created, &used)
	e.CreatedAt, e.UsedAt = fromMicros(created), fromMicros(used)
	return e, err
}

func checkExternal(e identity.External) error {
	return checkTexts(named{"the provider", e.Issuer}, named{"the identity", e.Subject}, named{"the e-mail address", e.Email})
}

var errSomebodys = fault.New(fault.IDConflict, "Somebody signs in with that identity already.")

// ExternalUser implements identity.Externals.
func (s *Identities) ExternalUser(ctx context.Context, e identity.External, at time.Time) (u identity.User, err error) {
	if err := checkExternal(e); err != nil {
		return u, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		var id identity.UserID
		ok, err := found(q.QueryRowContext(ctx, `UPDATE externals SET email = $3, email_verified = $4, used_at = $5
			WHERE issuer = $1 AND subject = $2 RETURNING user_id`, e.Issuer, e.Subject, e.Email, e.EmailVerified, micros(at)), &id)
		if err != nil {
			return err
		}
		if !ok {
			return errNoUser
		}
		all, err := collect(ctx, q, scanUser, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
		if err == nil && len(all) == 0 {
			err = errNoUser
		}
		if err == nil {
			u = all[0]
		}
		return err
	})
	return u, err
}

// Link implements identity.Externals.
func (s *Identities) Link(ctx context.Context, e identity.External) error {
	if err := checkExternal(e); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		added, err := addExternal(ctx, q, e)
		if s.db.dialect.classify(err) == conflict {
			return errNoUser
		}
		if err != nil || added {
			return err
		}
		var own bool
		ok, err := found(q.QueryRowContext(ctx, `SELECT user_id = $3 FROM externals WHERE issuer = $1 AND subject = $2`,
			e.Issuer, e.Subject, e.User), &own)
		switch {
		case err != nil:
			return err
		case !ok:
			return errAgain // it has just been taken away
		case !own:
			return errSomebodys
		}
		return errNothing
	})
}

// addExternal stores an identity, and reports false where it is somebody's.
func addExternal(ctx context.Context, q querier, e identity.External) (bool, error) {
	n, err := affected(ctx, q, `INSERT INTO externals (`+externalColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
		e.Issuer, e.Subject, e.User, e.Email, e.EmailVerified, micros(e.CreatedAt), micros(e.UsedAt))
	return n > 0, err
}

// Unlink implements identity.Externals. The user's row is locked first: of two
// identities that are taken away at once the second one stays.
func (s *Identities) Unlink(ctx context.Context, user identity.UserID, issuer, subject string) error {
	return s.db.tx(ctx, func(q querier) error {
		if _, err := q.ExecContext(ctx, `UPDATE users SET local = local WHERE id = $1`, user); err != nil {
			return err
		}
		var own, others int
		if err := q.QueryRowContext(ctx, `SELECT count(CASE WHEN issuer = $2 AND subject = $3 THEN 1 END),
				count(CASE WHEN issuer <> $2 OR subject <> $3 THEN 1 END)
			FROM externals WHERE user_id = $1`, user, issuer, subject).Scan(&own, &others); err != nil {
			return err
		}
		switch {
		case own == 0:
			return fault.New(fault.NotFound, "There is no such identity.")
		case others == 0:
			return fault.New(fault.Invalid, "This is the only way to sign in that is left: add another one first.")
		}
		_, err := q.ExecContext(ctx, `DELETE FROM externals WHERE user_id = $1 AND issuer = $2 AND subject = $3`, user, issuer, subject)
		return err
	})
}

// ExternalsOf implements identity.Externals.
func (s *Identities) ExternalsOf(ctx context.Context, user identity.UserID) (all []identity.External, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanExternal, `SELECT `+externalColumns+` FROM externals
			WHERE user_id = $1 ORDER BY created_at, issuer, subject`, user)
		return err
	})
	return all, err
}
