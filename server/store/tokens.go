package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// scopes reads a set of scopes from its text.
type scopes identity.Scopes

// Scan implements sql.Scanner.
func (s *scopes) Scan(src any) error {
	all, err := identity.ParseScopes(fmt.Sprint(src))
	*s = scopes(all)
	return err
}

// seenEvery is how exactly we keep when something was used last.
const seenEvery = time.Minute

const tokenColumns = `t.id, t.user_id, t.name, t.scopes, t.hash, t.created_at, t.expires_at, t.revoked_at, t.used_at`

// tokenRow is a token on its way out of the database.
type tokenRow struct {
	token                           identity.Token
	created, expires, revoked, used int64
}

func (r *tokenRow) fields() []any {
	return []any{&r.token.ID, &r.token.User, &r.token.Name, (*scopes)(&r.token.Scopes), &r.token.Hash,
		&r.created, &r.expires, &r.revoked, &r.used}
}

func (r *tokenRow) done() identity.Token {
	t := r.token
	t.CreatedAt, t.ExpiresAt, t.RevokedAt, t.UsedAt = fromMicros(r.created), fromMicros(r.expires), fromMicros(r.revoked), fromMicros(r.used)
	return t
}

func scanToken(rows *sql.Rows) (identity.Token, error) {
	var r tokenRow
	err := rows.Scan(r.fields()...)
	return r.done(), err
}

// AddToken implements identity.Tokens.
func (s *Identities) AddToken(ctx context.Context, t identity.Token) error {
	if err := conversation.CheckText("the name", t.Name); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO tokens (id, user_id, name, scopes, hash, created_at, expires_at, revoked_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, t.ID, t.User, t.Name, t.Scopes.String(), t.Hash,
			micros(t.CreatedAt), micros(t.ExpiresAt), micros(t.RevokedAt))
		if s.db.dialect.classify(err) == conflict {
			return fault.Wrap(err, fault.IDConflict, "There is such a token already, or no such user.")
		}
		return err
	})
}

// ownerJoin adds the user u whose id stands before it, with the membership m in
// the personal account o: whom a session or token acts for, and never as the local
// owner.
const ownerJoin = ` = u.id JOIN memberships m ON m.account_id = u.account_id AND m.user_id = u.id
	JOIN accounts o ON o.id = u.account_id`

const ownerColumns = `u.account_id, m.role, u.server_admin, u.default_model, o.plan, o.anchor_day, o.created_at`

// ownerRow is what ownerColumns are scanned into.
type ownerRow struct {
	identity.Principal
	anchor, created int64
}

func (r *ownerRow) fields() []any {
	return []any{&r.Account, &r.Role, &r.ServerAdmin, &r.DefaultModel, &r.Terms.Plan, &r.anchor, &r.created}
}

// as is the principal that acts by a session or token of that id.
func (r *ownerRow) as(user identity.UserID, id string, scopes identity.Scopes) identity.Principal {
	p := r.Principal
	p.User, p.Session, p.Scopes = user, id, scopes
	p.Terms.Anchor = anchorOf(r.anchor, fromMicros(r.created))
	return p
}

const tokenByHash = `SELECT ` + tokenColumns + `, ` + ownerColumns + ` FROM tokens t
	JOIN users u ON t.user_id` + ownerJoin + `
	WHERE t.hash = $1 AND t.revoked_at = 0 AND (t.expires_at = 0 OR t.expires_at > $2)`

// TokenByHash implements identity.Tokens.
func (s *Identities) TokenByHash(ctx context.Context, hash []byte, now time.Time) (t identity.Token, p identity.Principal, err error) {
	err = s.db.view(ctx, func(q querier) error {
		var r tokenRow
		var owner ownerRow
		ok, err := found(q.QueryRowContext(ctx, tokenByHash, hash, micros(now)), append(r.fields(), owner.fields()...)...)
		if err == nil && !ok {
			return fault.New(fault.Unauthenticated, "The token is not valid, has expired or was revoked.")
		}
		t = r.done()
		p = owner.as(t.User, t.ID, t.Scopes)
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
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.NotFound, "There is no such token.")
		}
		return tell(ctx, s.db, q, id)
	})
}

const tokenDue = `SELECT used_at <= $2 FROM tokens WHERE id = $1`

// TokenSeen implements identity.Tokens. Most calls are a read.
func (s *Identities) TokenSeen(ctx context.Context, id string, at time.Time) error {
	if due, err := s.due(ctx, tokenDue, id, at); err != nil || !due {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE tokens SET used_at = $2 WHERE id = $1 AND used_at <= $3`,
			id, micros(at), micros(at.Add(-seenEvery)))
		return err
	})
}

// due reports whether something was seen last so long ago that it is to be noted
// again; what is not there never is.
func (s *Identities) due(ctx context.Context, query, id string, at time.Time) (due bool, err error) {
	err = s.db.view(ctx, func(q querier) error {
		_, err := found(q.QueryRowContext(ctx, query, id, micros(at.Add(-seenEvery))), &due)
		return err
	})
	return due, err
}
