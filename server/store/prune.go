package store

import (
	"context"
	"time"
)

// over says of a table which rows are over, at $1.
type over struct{ table, key, condition string }

// Besides, what is kept longer than its end: a device's request, so that a late
// poll hears what became of it; a refresh token that was exchanged, so that its
// reuse is noticed; and the end of a session or token, until every process has
// heard of it. What is shown after that is unknown, and refused.
const (
	deviceKept     = time.Hour
	reuseKept      = 30 * 24 * time.Hour
	revocationKept = 24 * time.Hour

	// tokenKept is how long a personal token is listed after its end.
	tokenKept = 90 * 24 * time.Hour
)

var overs = []struct {
	over
	kept time.Duration
}{
	{over{`devices`, `code_hash`, `expires_at < $1`}, deviceKept},
	{over{`access_tokens`, `hash`, `expires_at < $1`}, 0},
	{over{`refresh_tokens`, `hash`, `claimed_at > 0 AND claimed_at < $1`}, reuseKept},
	{over{`sessions`, `id`, `(revoked_at > 0 AND revoked_at < $1) OR idle_until < $1 OR expires_at < $1`}, 0}, // and their tokens
	{over{`revocations`, `id`, `at < $1`}, revocationKept},
	{over{`tokens`, `hash`, `(revoked_at > 0 AND revoked_at < $1) OR (expires_at > 0 AND expires_at < $1)`}, tokenKept},
	{over{`logins`, `state_hash`, `expires_at < $1`}, 0},
	{over{`email_codes`, `mailbox`, `expires_at < $1`}, 0},
	{over{`browsers`, `hash`, `expires_at < $1`}, 0},
	{over{`owner_links`, `hash`, `expires_at < $1`}, 0},
}

// longestGrace is more than any grace within which a salt may be asked for.
const longestGrace = 5 * time.Minute

// Prune implements signin.Pruner. It goes in short transactions, so that others
// get their turn; what it has removed when it fails stays removed.
func (s *SignIn) Prune(ctx context.Context, before time.Time) (total int64, err error) {
	if err := s.wipeSalts(ctx); err != nil {
		return 0, err
	}
	for _, o := range overs {
		n, err := s.db.sweep(ctx, o.over, before.Add(-o.kept))
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// wipeSalts removes the salts that nobody may ask for any more, whatever is kept
// of the rest: from a salt and the token before one can tell a token.
func (s *SignIn) wipeSalts(ctx context.Context) error {
	return s.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE refresh_tokens SET salt = $2 WHERE claimed_at > 0 AND claimed_at < $1 AND length(salt) > 0`,
			micros(s.db.now().Add(-longestGrace)), []byte{})
		return err
	})
}

// sweepBatch is how many rows one transaction of sweep removes.
const sweepBatch = 1000

// sweep removes what was over before a moment.
func (db *DB) sweep(ctx context.Context, o over, before time.Time) (total int64, err error) {
	query := `DELETE FROM ` + o.table + ` WHERE ` + o.key + ` IN (SELECT ` + o.key + ` FROM ` + o.table +
		` WHERE ` + o.condition + ` LIMIT $2)`
	for {
		var n int64
		err := db.tx(ctx, func(q querier) (err error) {
			n, err = affected(ctx, q, query, micros(before), sweepBatch)
			return err
		})
		if err != nil {
			return total, err
		}
		total += n
		if n < sweepBatch {
			return total, nil
		}
	}
}
