package store

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// The promises kept by Identities.
var (
	_ identity.Users     = (*Identities)(nil)
	_ identity.Externals = (*Identities)(nil)
	_ identity.Tokens    = (*Identities)(nil)
	_ identity.Sessions  = (*Identities)(nil)
	_ identity.Audit     = (*Identities)(nil)
)

// Identities keeps users with their accounts, what they sign in with, and what
// happened to them.
type Identities struct{ db *DB }

// Identities returns the store of users, accounts, sessions and tokens.
func (db *DB) Identities() *Identities { return &Identities{db} }

const userColumns = `id, name, account_id, local, created_at, email, avatar_url, locale, time_zone, default_model, server_admin`

func scanUser(rows *sql.Rows) (u identity.User, err error) {
	var created int64
	err = rows.Scan(&u.ID, &u.Name, &u.Account, &u.Local, &created, &u.Email, &u.AvatarURL, &u.Locale, &u.TimeZone,
		&u.DefaultModel, &u.ServerAdmin)
	u.CreatedAt = fromMicros(created)
	return u, err
}

var errNoUser = fault.New(fault.NotFound, "There is no such user.")

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
	return s.user(ctx, `SELECT `+userColumns+` FROM users WHERE local = TRUE`)
}

// CreateUser implements identity.Users.
func (s *Identities) CreateUser(ctx context.Context, u identity.User) error {
	if err := checkUser(u); err != nil {
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

// named is a text of somebody else's making, and what to call it.
type named struct{ what, text string }

// checkTexts refuses what the databases cannot keep.
func checkTexts(all ...named) error {
	for _, t := range all {
		if err := conversation.CheckText(t.what, t.text); err != nil {
			return err
		}
	}
	return nil
}

func checkUser(u identity.User) error {
	return checkTexts(named{"the name", u.Name}, named{"the e-mail address", u.Email}, named{"the avatar's address", u.AvatarURL},
		named{"the locale", u.Locale}, named{"the time zone", u.TimeZone}, named{"the model", u.DefaultModel})
}

// createUser writes user, account and membership, or says errNothing where there
// is such a user already, or a local one and this would be another.
func createUser(ctx context.Context, q querier, u identity.User) error {
	at := micros(u.CreatedAt)
	if _, err := q.ExecContext(ctx, `INSERT INTO accounts (id, name, personal, created_at) VALUES ($1, $2, TRUE, $3)`,
		u.Account, u.Name, at); err != nil {
		return err
	}
	n, err := affected(ctx, q, `INSERT INTO users (`+userColumns+`) VALUES `+tuples(1, 1, 11)+` ON CONFLICT DO NOTHING`,
		u.ID, u.Name, u.Account, u.Local, at, u.Email, u.AvatarURL, u.Locale, u.TimeZone, u.DefaultModel, u.ServerAdmin)
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

// User implements identity.Users.
func (s *Identities) User(ctx context.Context, id identity.UserID) (identity.User, error) {
	return s.user(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id)
}

// UserNamed implements identity.Users. Case makes names different, and addresses
// not.
func (s *Identities) UserNamed(ctx context.Context, name string) (identity.User, error) {
	if strings.Contains(name, "@") {
		u, err := s.user(ctx, `SELECT `+userColumns+` FROM users WHERE lower(email) = $1 AND email <> '' LIMIT 2`, strings.ToLower(name))
		if !fault.Is(err, fault.NotFound) {
			return u, err
		}
	}
	return s.user(ctx, `SELECT `+userColumns+` FROM users WHERE name = $1 LIMIT 2`, name)
}

// user reads the one user that a query finds; NotFound, or Invalid where there
// are more.
func (s *Identities) user(ctx context.Context, query string, args ...any) (identity.User, error) {
	all, err := s.users(ctx, query, args...)
	switch {
	case err != nil:
		return identity.User{}, err
	case len(all) == 0:
		return identity.User{}, errNoUser
	case len(all) > 1:
		return identity.User{}, fault.New(fault.Invalid, "Several users go by that name: give the id of the one that is meant.")
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
