package store

import (
	"context"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// ChangeProfile implements identity.Users. The personal account is called like
// its owner.
func (s *Identities) ChangeProfile(ctx context.Context, id identity.UserID, c identity.ProfileChange) (u identity.User, err error) {
	if err := checkProfile(c); err != nil {
		return u, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		if c.Name != nil {
			if _, err := q.ExecContext(ctx, `UPDATE accounts SET name = $2
				WHERE id = (SELECT account_id FROM users WHERE id = $1) AND personal = TRUE`, id, *c.Name); err != nil {
				return err
			}
		}
		all, err := collect(ctx, q, scanUser, `UPDATE users SET name = COALESCE(CAST($2 AS TEXT), name),
				avatar_url = COALESCE(CAST($3 AS TEXT), avatar_url), locale = COALESCE(CAST($4 AS TEXT), locale),
				time_zone = COALESCE(CAST($5 AS TEXT), time_zone), default_model = COALESCE(CAST($6 AS TEXT), default_model)
			WHERE id = $1 RETURNING `+userColumns,
			id, optional(c.Name), optional(c.AvatarURL), optional(c.Locale), optional(c.TimeZone), optional(c.DefaultModel))
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errNoUser
		}
		u = all[0]
		return nil
	})
	return u, err
}

func checkProfile(c identity.ProfileChange) error {
	var texts []named
	for _, t := range []struct {
		what string
		text *string
	}{{"the name", c.Name}, {"the avatar's address", c.AvatarURL}, {"the locale", c.Locale},
		{"the time zone", c.TimeZone}, {"the model", c.DefaultModel}} {
		if t.text != nil {
			texts = append(texts, named{t.what, *t.text})
		}
	}
	return checkTexts(texts...)
}

// HasServerAdmin implements identity.Users.
func (s *Identities) HasServerAdmin(ctx context.Context) (is bool, err error) {
	err = s.db.view(ctx, func(q querier) error {
		return q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE server_admin = TRUE)`).Scan(&is)
	})
	return is, err
}

// SetServerAdmin implements identity.Users.
func (s *Identities) SetServerAdmin(ctx context.Context, id identity.UserID, admin bool) error {
	return s.db.tx(ctx, func(q querier) error {
		if err := oneAtATime(ctx, q); err != nil {
			return err
		}
		if !admin {
			if err := keepAnAdmin(ctx, q, id); err != nil {
				return err
			}
		}
		n, err := affected(ctx, q, `UPDATE users SET server_admin = $2 WHERE id = $1`, id, admin)
		if err == nil && n == 0 {
			return errNoUser
		}
		return err
	})
}

// oneAtATime admits one transaction at a time to what concerns the whole server:
// who administers it. It is the first lock that such a transaction takes.
func oneAtATime(ctx context.Context, q querier) error {
	_, err := q.ExecContext(ctx, `UPDATE meta SET epoch = epoch`)
	return err
}

// keepAnAdmin refuses where the user is the only server admin. The caller is one
// at a time.
func keepAnAdmin(ctx context.Context, q querier, id identity.UserID) error {
	var last bool
	err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND server_admin = TRUE)
		AND NOT EXISTS (SELECT 1 FROM users WHERE id <> $1 AND server_admin = TRUE)`, id).Scan(&last)
	if err == nil && last {
		return fault.New(fault.Invalid, "This is the only server admin: make somebody else one first.")
	}
	return err
}
