package aftermath

import (
	"context"
	"testing"

	"github.com/aichat-term/aichat/server/store"
)

// Canary is what a provider's key in a test contains, so that it is recognised
// wherever it turns up.
const Canary = "test-key-0123456789"

// Expect has the database looked at when the test is over, and has closed it. It is
// called when the database is lent, before the test registers any cleanup of its
// own. A benchmark's database is left alone: what fills it writes past the store.
func Expect(t testing.TB, database string) {
	t.Helper()
	if _, is := t.(*testing.B); is {
		return
	}
	t.Cleanup(func() {
		counted(t, database)
		keyless(t, database)
	})
}

// counted checks all that is a function of the ledger.
func counted(t testing.TB, database string) {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{Database: database, NoMigrate: true})
	if err != nil {
		t.Errorf("the test's database cannot be opened any more: %v", err)
		return
	}
	defer func() {
		if err := db.Close(); err != nil {
			t.Errorf("closing the test's database: %v", err)
		}
	}()
	wrong, err := db.Quota().Mismatches(ctx, "")
	if err != nil {
		t.Errorf("counting anew: %v", err)
	}
	for _, m := range wrong {
		t.Errorf("account %s: the counter is %+v, and the ledger says %+v", m.Account, m.Stored, m.Real)
	}
	drifted, err := db.Usage().Drift(ctx, "")
	if err != nil {
		t.Errorf("summing anew: %v", err)
	}
	for _, d := range drifted {
		t.Errorf("account %s, %s, %s: rolled up to %+v, and the rows say %+v", d.Account, d.Of, d.Hour, d.Rolled, d.Real)
	}
}
