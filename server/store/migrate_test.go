package store_test

import (
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/migrations"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/pgtest"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// onBoth runs a test on an empty database of each kind.
func onBoth(t *testing.T, test func(t *testing.T, o store.Options)) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, store.Options{Database: pgtest.Empty(t)})
	})
}

func TestMigrate(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		o.NoMigrate = true
		_, err := store.Open(t.Context(), o)
		wantUnavailable(t, err, "aichat-server migrate")
		for _, want := range []int64{0, migrations.Version} {
			from, to, err := store.Migrate(t.Context(), o)
			if err != nil || from != want || to != migrations.Version {
				t.Fatalf("migrated from %d to %d: %v", from, to, err)
			}
		}
		db := open(t, o)
		if conversation.CheckID("epoch", db.Epoch()) != nil {
			t.Errorf("epoch %q", db.Epoch())
		}
		var goose, own int64
		if err := db.Read().QueryRowContext(t.Context(), `SELECT (SELECT max(version_id) FROM goose_db_version), schema FROM meta`).
			Scan(&goose, &own); err != nil || goose != own || own != migrations.Version {
			t.Errorf("goose is at %d, meta at %d, the program at %d: %v", goose, own, migrations.Version, err)
		}
	})
}

func TestTheEpochStays(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		var epochs []string
		for range 2 {
			db, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			epochs = append(epochs, db.Epoch())
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if epochs[0] != epochs[1] {
			t.Errorf("epochs %v", epochs)
		}
	})
}

func TestNewerSchemas(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		set := func(version, minimum int64) {
			t.Helper()
			db, err := store.Open(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := db.Write().ExecContext(t.Context(), `UPDATE meta SET schema = $1, minimum = $2`, version, minimum); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		set(migrations.Version+2, migrations.Version) // newer, but it still accepts us
		set(migrations.Version+2, migrations.Version+1)
		_, err := store.Open(t.Context(), o)
		wantUnavailable(t, err, "newer aichat-server", "Please update")
	})
}

func TestAFailedStepLeavesNothing(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		// Something of that name is in the way of the last table of a step.
		db, err := store.Blank(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write().ExecContext(t.Context(), `CREATE TABLE usage_ledger (x BIGINT)`); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = store.Open(t.Context(), o)
		wantUnavailable(t, err, "00001_core.sql", "was undone")
		if db, err = store.Blank(t.Context(), o); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Write().ExecContext(t.Context(), `SELECT 1 FROM accounts`); err == nil {
			t.Error("a table of the failed step is there")
		}
		if _, err := db.Write().ExecContext(t.Context(), `DROP TABLE usage_ledger`); err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		open(t, o)
	})
}

func TestManyStartsOnPostgresMigrateOnce(t *testing.T) {
	t.Parallel()
	o := store.Options{Database: pgtest.Empty(t)}
	var group sync.WaitGroup
	epochs := make([]string, 4)
	for i := range epochs {
		group.Go(func() {
			db, err := store.Open(t.Context(), o)
			if err != nil {
				t.Error(err)
				return
			}
			epochs[i] = db.Epoch()
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	for _, e := range epochs {
		if e == "" || e != epochs[0] {
			t.Errorf("epochs %v", epochs)
		}
	}
}

func TestTheLedgerIsAppendOnly(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		account := newUser(t, db)
		e := usage.Entry{Account: account, ID: conversation.NewID(), Attempt: 1}
		if err := db.Ledger().Append(t.Context(), []usage.Entry{e}); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{`UPDATE usage_ledger SET cost_micro_usd = 0`, `DELETE FROM usage_ledger`} {
			if _, err := db.Write().ExecContext(t.Context(), text); err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v", text, err)
			}
		}
	})
}

// TestPlans asks the databases how they would run what must be fast.
func TestPlans(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	for name, tc := range map[string]struct {
		query conversation.ListQuery
		index string
	}{
		"listed":     {conversation.ListQuery{Limit: 50}, "conversations_listed"},
		"a page":     {conversation.ListQuery{Limit: 50, After: &conversation.ListMark{}}, "conversations_listed"},
		"all":        {conversation.ListQuery{Limit: 50, All: true}, "conversations_all"},
		"all a page": {conversation.ListQuery{Limit: 50, All: true, After: &conversation.ListMark{}}, "conversations_all"},
	} {
		text, args := store.ListText("account", tc.query)
		plan := planOf(t, db, text, args...)
		if !strings.Contains(plan, tc.index) || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "messages") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// TestPlansOfUsage: whatever is asked of a ledger, and in whatever zone, it is found
// by indexes, and no more of it is read than is wanted.
func TestPlansOfUsage(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	from := time.Date(2026, 11, 1, 0, 17, 0, 0, time.UTC)
	bounds := []time.Time{from, from.AddDate(0, 0, 1), from.AddDate(0, 0, 2)}
	const byMoment = "usage_ledger_moment (account_id=? AND <expr>>? AND <expr><?)"
	plan := func(text string, args []any) string { return planOf(t, db, text, args...) }
	mine := usage.Whose{Account: "a", Member: "m"}
	conversation := usage.PageQuery{Whose: mine, Conversation: "c", From: from, To: from.AddDate(0, 1, 0), After: &usage.Mark{At: from}, Limit: 3}
	all := conversation
	all.Conversation = ""
	for what, tc := range map[string]struct {
		plan string
		uses []string
	}{
		"by day":          {plan(store.SumsText(mine, usage.ByDay, bounds)), []string{byMoment, "usage_hours_1 (account_id=? AND hour>? AND hour<?)", "SEARCH d USING PRIMARY KEY (account_id=? AND moment>? AND moment<?)"}},
		"by conversation": {plan(store.SumsText(mine, usage.ByConversation, bounds)), []string{byMoment, "usage_conversation_hours_1 (account_id=? AND hour>? AND hour<?)"}},
		"of all accounts": {plan(store.SumsText(usage.Whose{}, usage.ByModel, bounds)), []string{byMoment, "usage_hours_hour (hour>? AND hour<?)"}},
		"a page":          {plan(store.PageText(all)), []string{byMoment}},
		"a page of a conversation": {plan(store.PageText(conversation)),
			[]string{"usage_ledger_conversation (account_id=? AND conversation_id=? AND <expr>>? AND <expr><?)"}},
	} {
		for _, index := range tc.uses {
			if !strings.Contains(tc.plan, index) || strings.Contains(tc.plan, "SCAN l") || strings.Contains(tc.plan, "SCAN h") ||
				strings.HasPrefix(what, "a page") && strings.Contains(tc.plan, "TEMP B-TREE") {
				t.Errorf("%s, without %s:\n%s", what, index, tc.plan)
			}
		}
	}
}

// TestPlansPerRequest: who asks is found by keys alone, however many users there
// are.
func TestPlansPerRequest(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	for name, text := range store.PerRequest {
		if plan := planOf(t, db, text, "", 0); strings.Contains(plan, "SCAN") || strings.Contains(plan, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// TestPlansOfRunning: what is running is found among what is running.
func TestPlansOfRunning(t *testing.T) {
	t.Parallel()
	db := open(t, store.Options{Database: filepath.Join(t.TempDir(), "a.db")})
	for name, text := range db.RunningTexts() {
		if plan := planOf(t, db, text, "p", 0, 9); !strings.Contains(plan, "turns_one_running") || strings.Contains(plan, "SCAN turns\n") {
			t.Errorf("%s:\n%s", name, plan)
		}
	}
}

// planOf is how SQLite would run a query.
func planOf(t *testing.T, db *store.DB, text string, args ...any) (plan string) {
	t.Helper()
	rows, err := db.Read().QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+text, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }() // Err says what matters
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestClosedAndCancelled(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		ctx, cancel := cancelled(t)
		defer cancel()
		if _, err := db.Identities().Users(ctx); !fault.Is(err, fault.Canceled) {
			t.Errorf("a cancelled read: %v", err)
		}
		if err := db.Turns().AskCancel(ctx, turn.Ref{}); !fault.Is(err, fault.Canceled) {
			t.Errorf("a cancelled write: %v", err)
		}
	})
}
