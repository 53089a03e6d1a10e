package store

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

const codeColumns = `mailbox, browser_hash, code_hash, return_to, created_at, expires_at`

func scanCode(rows *sql.Rows) (c signin.EmailCode, err error) {
	var created, expires int64
	err = rows.Scan(&c.Mailbox, &c.BrowserHash, &c.CodeHash, &c.Return, &created, &expires)
	c.CreatedAt, c.ExpiresAt = fromMicros(created), fromMicros(expires)
	return c, err
}

// AddEmailCode implements signin.PageStore; NotFound where the browser's session
// has ended.
func (s *SignIn) AddEmailCode(ctx context.Context, c signin.EmailCode, letter mail.Letter) error {
	if err := checkTexts(named{"the e-mail address", c.Mailbox}, named{"the address to return to", c.Return}); err != nil {
		return err
	}
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `INSERT INTO email_codes (`+codeColumns+`) VALUES ($1, $2, $3, $4, $5, $6)
			ON CONFLICT (mailbox) DO UPDATE SET browser_hash = excluded.browser_hash, code_hash = excluded.code_hash,
				return_to = excluded.return_to, created_at = excluded.created_at, expires_at = excluded.expires_at, tries = 0`,
			c.Mailbox, c.BrowserHash, c.CodeHash, c.Return, micros(c.CreatedAt), micros(c.ExpiresAt))
		if s.db.dialect.classify(err) == conflict {
			return errNoBrowser
		}
		if err != nil {
			return err
		}
		return enqueue(ctx, s.db, q, letter)
	})
}

// tries is how often a mailed code may be typed; a CHECK stands behind it.
const tries = 5

// TryEmailCode implements signin.PageStore. The statement that counts locks the
// code, so others that come at once wait, and find what this one has left.
func (s *SignIn) TryEmailCode(ctx context.Context, mailbox string, browserHash, codeHash []byte, now time.Time) (try signin.Try, c signin.EmailCode, err error) {
	if err := checkTexts(named{"the e-mail address", mailbox}); err != nil {
		return signin.NoCode, c, err
	}
	err = s.db.tx(ctx, func(q querier) error {
		try, c = signin.NoCode, signin.EmailCode{}
		all, err := collect(ctx, q, scanCode, `UPDATE email_codes SET tries = tries + 1
			WHERE mailbox = $1 AND browser_hash = $2 AND expires_at > $3 AND tries < $4 RETURNING `+codeColumns,
			mailbox, browserHash, micros(now), tries)
		if err != nil || len(all) == 0 {
			return err
		}
		if subtle.ConstantTimeCompare(all[0].CodeHash, codeHash) != 1 {
			try = signin.WrongCode
			return nil
		}
		try, c = signin.RightCode, all[0]
		_, err = q.ExecContext(ctx, `DELETE FROM email_codes WHERE mailbox = $1`, mailbox)
		return err
	})
	if err != nil {
		return signin.NoCode, signin.EmailCode{}, err
	}
	return try, c, nil
}

// AddLink implements signin.PageStore.
func (s *SignIn) AddLink(ctx context.Context, l signin.OneTimeLink) error {
	return s.db.tx(ctx, func(q querier) error {
		if err := oneAtATime(ctx, q); err != nil {
			return err
		}
		if _, err := q.ExecContext(ctx, `DELETE FROM owner_links`); err != nil {
			return err
		}
		_, err := q.ExecContext(ctx, `INSERT INTO owner_links (hash, created_at, expires_at) VALUES ($1, $2, $3)`,
			l.Hash, micros(l.CreatedAt), micros(l.ExpiresAt))
		return err
	})
}

// ClaimLink implements signin.PageStore.
func (s *SignIn) ClaimLink(ctx context.Context, hash []byte, now time.Time) error {
	return s.db.tx(ctx, func(q querier) error {
		n, err := affected(ctx, q, `DELETE FROM owner_links WHERE hash = $1 AND expires_at > $2`, hash, micros(now))
		if err == nil && n == 0 {
			return fault.New(fault.NotFound, "This link has been used or is too old: run aichat-server users owner for a new one.")
		}
		return err
	})
}
