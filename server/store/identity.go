package store

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

const userColumns = `id, name, account_id, local, created_at`

func scanUser(rows *sql.Rows) (u identity.User, err error) {
	var created int64
	err = rows.Scan(&u.ID, &u.Name, &u.Account, &u.Local, &created)
	u.CreatedAt = fromMicros(created)
	return u, err
}

// LocalOwner implements identity.Users. A unique index admits one local user:
// whoever loses the race to create it finds the winner's.
func (s *Identities) LocalOwner(ctx context.Context) (identity.User, error) {
	u, err := s.localUser(ctx)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return u, err
	}
	fresh := identity.User{ID: identity.UserID(conversation.NewID()), Name: "local",
		Account: identity.AccountID(conversation.NewID()), Local: true, CreatedAt: s.db.now()}
	if err := s.db.tx(ctx, func(q querier) error { return createUser(ctx, q, fresh) }); err != nil {
		return identity.User{}, err
	}
	return s.localUser(ctx)
}

func (s *Identities) localUser(ctx context.Context) (identity.User, error) {
	all, err := s.users(ctx, `SELECT `+userColumns+` FROM users WHERE local = TRUE`)
	if err != nil {
		return identity.User{}, err
	}
	if len(all) == 0 {
		return identity.User{}, fault.New(fault.NotFound, "There is no local user yet.")
	}
	return all[0], nil
}

// CreateUser implements identity.Users.
func (s *Identities) CreateUser(ctx context.Context, u identity.User) error {
	if err := conversation.CheckText("the name", u.Name); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		err := createUser(ctx, q, u)
		if errors.Is(err, errNothing) || s.db.dialect.classify(err) == conflict {
			return fault.New(fault.IDConflict, "There is such a user or account already.")
		}
		return err
	})
}

// createUser writes user, account and membership, or says errNothing where there
// is a local user already and this would be another.
func createUser(ctx context.Context, q querier, u identity.User) error {
	at := micros(u.CreatedAt)
	if _, err := q.ExecContext(ctx, `INSERT INTO accounts (id, name, personal, created_at) VALUES ($1, $2, TRUE, $3)`,
		u.Account, u.Name, at); err != nil {
		return err
	}
	n, err := affected(ctx, q, `INSERT INTO users (id, name, account_id, local, created_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT DO NOTHING`, u.ID, u.Name, u.Account, u.Local, at)
	if err != nil {
		return err
	}
	if n == 0 {
		return errNothing
	}
	_, err = q.ExecContext(ctx, `INSERT INTO memberships (account_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)`,
		u.Account, u.ID, identity.Owner, at)
	return err
}

// UserNamed implements identity.Users.
func (s *Identities) UserNamed(ctx context.Context, name string) (identity.User, error) {
	all, err := s.users(ctx, `SELECT `+userColumns+` FROM users WHERE name = $1 LIMIT 2`, name)
	switch {
	case err != nil:
		return identity.User{}, err
	case len(all) == 0:
		return identity.User{}, fault.New(fault.NotFound, "There is no user of that name.")
	case len(all) > 1:
		return identity.User{}, fault.New(fault.Invalid, "Several users have that name.")
	}
	return all[0], nil
}

// Users implements identity.Users.
func (s *Identities) Users(ctx context.Context) ([]identity.User, error) {
	return s.users(ctx, `SELECT `+userColumns+` FROM users ORDER BY created_at, id`)
}

func (s *Identities) users(ctx context.Context, query string, args ...any) (all []identity.User, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanUser, query, args...)
		return err
	})
	return all, err
}

const tokenColumns = `t.id, t.user_id, t.name, t.hash, t.created_at, t.expires_at, t.revoked_at`

func tokenFields(t *identity.Token, created, expires, revoked *int64) []any {
	return []any{&t.ID, &t.User, &t.Name, &t.Hash, created, expires, revoked}
}

func scanToken(rows *sql.Rows) (t identity.Token, err error) {
	var created, expires, revoked int64
	err = rows.Scan(tokenFields(&t, &created, &expires, &revoked)...)
	t.CreatedAt, t.ExpiresAt, t.RevokedAt = fromMicros(created), fromMicros(expires), fromMicros(revoked)
	return t, err
}

// AddToken implements identity.Tokens.
func (s *Identities) AddToken(ctx context.Context, t identity.Token) error {
	if err := conversation.CheckText("the name", t.Name); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO tokens (id, user_id, name, hash, created_at, expires_at, revoked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			t.ID, t.User, t.Name, t.Hash, micros(t.CreatedAt), micros(t.ExpiresAt), micros(t.RevokedAt))
		if s.db.dialect.classify(err) == conflict {
			return fault.Wrap(err, fault.IDConflict, "There is such a token already, or no such user.")
		}
		return err
	})
}

// TokenByHash implements identity.Tokens. A token acts on its user's personal
// account; it is never local, whoever owns it.
func (s *Identities) TokenByHash(ctx context.Context, hash []byte, now time.Time) (t identity.Token, p identity.Principal, err error) {
	err = s.db.view(ctx, func(q querier) error {
		var created, expires, revoked int64
		row := q.QueryRowContext(ctx, `SELECT `+tokenColumns+`, u.account_id, m.role
			FROM tokens t JOIN users u ON u.id = t.user_id
			JOIN memberships m ON m.account_id = u.account_id AND m.user_id = u.id
			WHERE t.hash = $1 AND t.revoked_at = 0 AND (t.expires_at = 0 OR t.expires_at > $2)`, hash, micros(now))
		ok, err := found(row, append(tokenFields(&t, &created, &expires, &revoked), &p.Account, &p.Role)...)
		if err == nil && !ok {
			return fault.New(fault.Unauthenticated, "The token is not valid, has expired or was revoked.")
		}
		t.CreatedAt, t.ExpiresAt = fromMicros(created), fromMicros(expires)
		p.User, p.Session = t.User, t.ID
		return err
	})
	return t, p, err
}

// Tokens implements identity.Tokens.
func (s *Identities) Tokens(ctx context.Context, user identity.UserID) (all []identity.Token, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err = collect(ctx, q, scanToken, `SELECT `+tokenColumns+` FROM tokens t
			WHERE t.user_id = $1 ORDER BY t.created_at DESC, t.id DESC`, user)
		return err
	})
	return all, err
}

// RevokeToken implements identity.Tokens.
func (s *Identities) RevokeToken(ctx context.Context, user identity.UserID, id string, at time.Time) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `UPDATE tokens SET revoked_at = CASE WHEN revoked_at = 0 THEN $3 ELSE revoked_at END
			WHERE user_id = $1 AND id = $2`, user, id, micros(at))
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "There is no such token.")
		}
		return err
	})
}
