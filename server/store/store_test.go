package store_test

import (
	"context"
	"testing"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
	"github.com/aichat-term/aichat/server/store/storetest"
)

func TestSQLite(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.DB {
		return open(t, store.Options{Database: sqlitetest.Named(t, "a?b #%.db")})
	}, peek)
}

func TestPostgres(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) *store.DB {
		return open(t, store.Options{Database: pgtest.URL(t)})
	}, peek)
}

// TestProcessesShareLimits: two servers on one Postgres hold no more than one.
func TestProcessesShareLimits(t *testing.T) {
	t.Parallel()
	address := pgtest.URL(t)
	storetest.RaceReserve(t, open(t, store.Options{Database: address}), open(t, store.Options{Database: address}))
}

// TestBrokenCounters are seen, and made anew.
func TestBrokenCounters(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		user := newUser(t, db)
		for _, spoil := range []string{
			`INSERT INTO quota_counters (account_id, scope, subject, period, starts, tokens_used) VALUES ($1, 'account', '', 'day', 0, 5)`,
			`UPDATE quota_counters SET tokens_held = 7 WHERE account_id = $1`,
		} {
			if _, err := db.Write().ExecContext(t.Context(), spoil, user); err != nil {
				t.Fatal(err)
			}
			wrong, err := db.Quota().Mismatches(t.Context(), "")
			if err != nil || len(wrong) != 1 {
				t.Fatalf("mismatches: %v, %v", wrong, err)
			}
		}
		if wrong, err := db.Quota().Rebuild(t.Context(), user); err != nil || len(wrong) != 1 || wrong[0].Stored.Held.Tokens != 7 {
			t.Fatalf("the repair found %v, %v", wrong, err)
		}
		if wrong, err := db.Quota().Mismatches(t.Context(), ""); err != nil || len(wrong) != 0 {
			t.Fatalf("after the repair: %v, %v", wrong, err)
		}
	})
}

// TestBrokenCountersAmidCalls are mended while others change them.
func TestBrokenCountersAmidCalls(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		storetest.RaceRebuild(t, db, func(account identity.AccountID) int64 {
			done, err := db.Write().ExecContext(t.Context(), `UPDATE quota_counters
				SET tokens_used = tokens_used + 1000, micro_usd_held = micro_usd_held + 5 WHERE account_id = $1`, account)
			if err != nil {
				t.Fatal(err)
			}
			n, err := done.RowsAffected()
			if err != nil {
				t.Fatal(err)
			}
			return n
		})
	})
}

// TestBrokenSumsAmidCalls are mended while others add to them: what is too much, what
// is missing, and what is of nothing.
func TestBrokenSumsAmidCalls(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		storetest.RaceMend(t, db, func(account identity.AccountID) {
			for _, spoil := range []string{
				`UPDATE usage_hours SET cost_micro_usd = cost_micro_usd + 7, calls = calls + 1 WHERE account_id = $1 AND kind = 'answer'`,
				`DELETE FROM usage_conversation_hours WHERE account_id = $1 AND conversation_id = 'c1'`,
				`UPDATE usage_outcome_hours SET outcome = 'lost', calls = calls + 3 WHERE account_id = $1 AND outcome = 'completed'`,
				`UPDATE usage_hours SET hour = hour + 3600000000 * 1000 WHERE account_id = $1 AND kind = 'title' AND charged = FALSE`,
			} {
				if _, err := db.Write().ExecContext(t.Context(), spoil, account); err != nil {
					t.Fatal(err)
				}
			}
		})
	})
}

// TestLettersAboutLimits are queued once each, where there are any.
func TestLettersAboutLimits(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		o.Warn = func(owner identity.User, w quota.Warning) mail.Letter {
			return mail.Limit{To: owner.Email, Locale: owner.Locale, Name: owner.Name, Percent: w.Percent, Used: w.What(), Resets: w.Resets}.Letter()
		}
		storetest.RaceLetters(t, open(t, o), peek)
	})
}

func peek(ctx context.Context, db *store.DB, query string, args ...any) (n int64, err error) {
	return n, db.Read().QueryRowContext(ctx, query, args...).Scan(&n)
}

// open opens a database for the length of a test.
func open(t testing.TB, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}
