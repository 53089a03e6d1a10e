package store

import (
	"context"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/signin"
)

const browserColumns = `hash, user_id, created_at, expires_at, signed_at`

func scanBrowser(rows *sql.Rows) (b signin.Browser, err error) {
	var created, expires, signed int64
	err = rows.Scan(&b.Hash, &b.User, &created, &expires, &signed)
	b.CreatedAt, b.ExpiresAt, b.SignedAt = fromMicros(created), fromMicros(expires), fromMicros(signed)
	return b, err
}

var errNoBrowser = fault.New(fault.NotFound, "This page has been open for too long: begin again.")

// AddBrowser implements signin.PageStore.
func (s *SignIn) AddBrowser(ctx context.Context, b signin.Browser) error {
	return s.db.tx(ctx, func(q querier) error { return s.addBrowser(ctx, q, b) })
}

func (s *SignIn) addBrowser(ctx context.Context, q querier, b signin.Browser) error {
	n, err := affected(ctx, q, `INSERT INTO browsers (`+browserColumns+`) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
		b.Hash, b.User, micros(b.CreatedAt), micros(b.ExpiresAt), micros(b.SignedAt))
	if err == nil && n == 0 {
		return fault.New(fault.IDConflict, "There is such a browser session already.")
	}
	return err
}

// Browser implements signin.PageStore.
func (s *SignIn) Browser(ctx context.Context, hash []byte, now time.Time) (b signin.Browser, err error) {
	err = s.db.view(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanBrowser, `SELECT `+browserColumns+` FROM browsers WHERE hash = $1 AND expires_at > $2`,
			hash, micros(now))
		if err == nil && len(all) == 0 {
			return errNoBrowser
		}
		if err == nil {
			b = all[0]
		}
		return err
	})
	return b, err
}

// ReplaceBrowser implements signin.PageStore.
func (s *SignIn) ReplaceBrowser(ctx context.Context, old []byte, b signin.Browser) error {
	return s.db.tx(ctx, func(q querier) error {
		if _, err := q.ExecContext(ctx, `DELETE FROM browsers WHERE hash = $1`, old); err != nil { // and what it has under way
			return err
		}
		return s.addBrowser(ctx, q, b)
	})
}

// RemoveBrowser implements signin.PageStore.
func (s *SignIn) RemoveBrowser(ctx context.Context, hash []byte) error {
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM browsers WHERE hash = $1`, hash)
		return err
	})
}

// RemoveBrowsers implements signin.PageStore.
func (s *SignIn) RemoveBrowsers(ctx context.Context, user identity.UserID) error {
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `DELETE FROM browsers WHERE user_id = $1 AND user_id <> ''`, user)
		return err
	})
}

const loginColumns = `state_hash, browser_hash, provider, nonce, verifier, return_to, expires_at`

func scanLogin(rows *sql.Rows) (l signin.Login, err error) {
	var expires int64
	err = rows.Scan(&l.StateHash, &l.BrowserHash, &l.Provider, &l.Nonce, &l.Verifier, &l.Return, &expires)
	l.ExpiresAt = fromMicros(expires)
	return l, err
}

// AddLogin implements signin.PageStore; NotFound where the browser's session has
// ended.
func (s *SignIn) AddLogin(ctx context.Context, l signin.Login) error {
	if err := checkTexts(named{"the address to return to", l.Return}); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO logins (`+loginColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			l.StateHash, l.BrowserHash, l.Provider, l.Nonce, l.Verifier, l.Return, micros(l.ExpiresAt))
		if s.db.dialect.classify(err) == conflict {
			return errNoBrowser
		}
		return err
	})
}

// ClaimLogin implements signin.PageStore.
func (s *SignIn) ClaimLogin(ctx context.Context, stateHash, browserHash []byte, now time.Time) (l signin.Login, err error) {
	err = s.db.tx(ctx, func(q querier) error {
		all, err := collect(ctx, q, scanLogin, `DELETE FROM logins
			WHERE state_hash = $1 AND browser_hash = $2 AND expires_at > $3 RETURNING `+loginColumns,
			stateHash, browserHash, micros(now))
		if err == nil && len(all) == 0 {
			return fault.New(fault.NotFound, "This sign-in is over, or was begun in another browser: begin again.")
		}
		if err == nil {
			l = all[0]
		}
		return err
	})
	return l, err
}
