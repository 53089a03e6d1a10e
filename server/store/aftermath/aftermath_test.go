package aftermath_test

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/aichat-term/aichat/server/store/aftermath"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// confessor is a test that keeps to itself what it is told, and runs its cleanups
// when it is asked to.
type confessor struct {
	testing.TB
	heard   []string
	cleanup []func()
}

func (c *confessor) Errorf(format string, args ...any) {
	c.heard = append(c.heard, fmt.Sprintf(format, args...))
}
func (c *confessor) Cleanup(f func()) { c.cleanup = append(c.cleanup, f) }

// TestWhatIsLeft: a counter that is nobody's and a key, as text and as bytes, are
// found; a database that is as it should be is not spoken of.
func TestWhatIsLeft(t *testing.T) {
	t.Parallel()
	for driver, lend := range map[string]func(testing.TB) string{"sqlite": sqlitetest.File, "pgx": pgtest.URL} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			database := lend(t)
			look := func() []string {
				c := &confessor{TB: t}
				aftermath.Expect(c, database)
				for _, f := range c.cleanup {
					f()
				}
				return c.heard
			}
			if heard := look(); len(heard) != 0 {
				t.Errorf("of nothing: %q", heard)
			}
			spoil, mend := []string{
				`INSERT INTO accounts (id, name, personal, created_at) VALUES ('a', 'of ` + aftermath.Canary + `', TRUE, 0)`,
				`INSERT INTO quota_counters (account_id, scope, subject, period, starts, tokens_used) VALUES ('a', 'account', '', 'day', 0, 5)`,
				`INSERT INTO users (id, name, account_id, local, created_at) VALUES ('u', 'u', 'a', FALSE, 0)`,
				`INSERT INTO tokens (user_id, id, name, hash, created_at, expires_at, revoked_at)
					VALUES ('u', 't', 't', CAST('` + aftermath.Canary + `' AS ` + map[string]string{"sqlite": "BLOB", "pgx": "BYTEA"}[driver] + `), 0, 0, 0)`,
			}, []string{`DELETE FROM tokens`, `DELETE FROM quota_counters`, `DELETE FROM users`, `DELETE FROM accounts`}
			run(t, driver, database, spoil)
			heard := strings.Join(look(), "\n")
			want := map[string][]string{"sqlite": {"the counter is", "aichat.db holds a key"}, "pgx": {"the counter is", "accounts holds a key", "tokens holds a key"}}
			for _, w := range want[driver] {
				if !strings.Contains(heard, w) {
					t.Errorf("%q is not in %s", w, heard)
				}
			}
			run(t, driver, database, append(mend, `VACUUM`)) // what is deleted stands in the file until then
			if heard := look(); len(heard) != 0 {
				t.Errorf("when it is mended: %q", heard)
			}
		})
	}
}

func run(t *testing.T, driver, database string, statements []string) {
	t.Helper()
	db, err := sql.Open(driver, database)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}()
	for _, s := range statements {
		if _, err := db.ExecContext(t.Context(), s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}
