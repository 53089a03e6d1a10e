package store

import (
	"context"
	"database/sql"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/usage"
)

// Titles implements usage.Reader.
func (s *Usage) Titles(ctx context.Context, account identity.AccountID, conversations []string) (map[string]string, error) {
	return s.titles(ctx, `SELECT id, title FROM conversations WHERE deleted_at = 0 AND account_id = $1 AND id IN `, conversations, account)
}

// Members implements usage.Reader.
func (s *Usage) Members(ctx context.Context, ids []string) (map[string]string, error) {
	return s.titles(ctx, `SELECT id, name FROM users WHERE id IN `, ids)
}

// MembersOf implements usage.Reader.
func (s *Usage) MembersOf(ctx context.Context, account identity.AccountID) (map[string]string, error) {
	of := map[string]string{}
	err := s.db.seek(ctx, func(q querier) error {
		clear(of)
		return pairs(ctx, q, of, `SELECT u.id, u.name FROM memberships AS m JOIN users AS u ON u.id = m.user_id WHERE m.account_id = $1`, account)
	})
	return of, err
}

// Accounts implements usage.Reader. A personal account is called like its user.
func (s *Usage) Accounts(ctx context.Context, ids []string) (map[string]string, error) {
	return s.titles(ctx, `SELECT a.id, COALESCE(u.name, a.name) FROM accounts AS a LEFT JOIN users AS u ON u.account_id = a.id
		WHERE a.id IN `, ids)
}

// Keys implements usage.Reader. A key without a label is told by its provider and
// hint, also when it is removed; one that is not the reader's by whose it is.
func (s *Usage) Keys(ctx context.Context, to usage.Reading, ids []string) (map[string]string, error) {
	return s.titles(ctx, `SELECT id, CASE
			WHEN $1 OR owner = 'account' AND account_id = $2 OR owner = 'user' AND user_id = $3
				THEN CASE WHEN label <> '' THEN label ELSE provider || ' ' || hint END
			WHEN owner = 'server' THEN 'the server''s ' || provider || ' key'
			WHEN owner = 'account' THEN 'an account''s ' || provider || ' key'
			ELSE 'a member''s own ' || provider || ' key' END
		FROM provider_keys WHERE id IN `, ids, to.Operator, to.Account, to.User)
}

// titles asks for pairs of id and title; the query ends before the list of ids.
func (s *Usage) titles(ctx context.Context, text string, ids []string, first ...any) (map[string]string, error) {
	of := make(map[string]string, len(ids))
	err := s.db.seek(ctx, func(q querier) error {
		clear(of)
		return batches(ids, func(some []string) error {
			in, args := among(some, first...)
			return pairs(ctx, q, of, text+`(`+in+`)`, args...)
		})
	})
	return of, err
}

// pairs adds a query's rows of id and title to those there are.
func pairs(ctx context.Context, q querier, of map[string]string, text string, args ...any) error {
	_, err := collect(ctx, q, func(rows *sql.Rows) (struct{}, error) {
		var id, title string
		err := rows.Scan(&id, &title)
		of[id] = title
		return struct{}{}, err
	}, text, args...)
	return err
}
