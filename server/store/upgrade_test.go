package store_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/usage"
)

// The rows of a database as it was when quotas came: hours apart, so that they
// belong to several sums; every third of them counts, at a moment of its own.
const (
	upgradeRows    = 90
	upgradeCharged = upgradeRows / 3
)

var upgradeAt = time.Date(2026, 5, 17, 12, 10, 0, 0, time.UTC)

// TestUpgradeOfUsage: what was used and held before usage was summed is summed
// afterwards, and counts as it did; a call that was reserved before is settled.
func TestUpgradeOfUsage(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		fillAsOfQuotas(t, o)
		db := open(t, o)
		wantSums := func(when string) {
			t.Helper()
			groups, err := db.Usage().Sums(t.Context(), usage.Whose{Account: "a"}, usage.ByModel,
				[]time.Time{upgradeAt.Add(-time.Hour), upgradeAt.AddDate(0, 0, 1)})
			if err != nil {
				t.Fatal(err)
			}
			all, uncharged := usage.Total(groups)
			if all.Calls != upgradeRows || all.Tokens.Input != 2*upgradeRows || all.Tokens.CachedWrite != 7*upgradeRows || all.Tokens.CachedWriteLong != 0 ||
				all.MicroUSD != 5*upgradeRows || uncharged.Calls != upgradeRows-upgradeCharged {
				t.Errorf("%s: %+v, uncharged %+v", when, all, uncharged)
			}
		}
		wantSums("before the rows are rolled up")
		wantNothingWrong(t, db)
		rolled := 0
		for {
			n, err := db.Usage().RollUp(t.Context(), 20)
			if err != nil {
				t.Fatal(err)
			}
			if n == 0 {
				break
			}
			wantSums(fmt.Sprint("when rows are rolled up: ", rolled))
			rolled += n
		}
		if rolled != upgradeRows {
			t.Errorf("%d rows were due", rolled)
		}
		wantSums("when all rows are rolled up")

		if n, err := db.Quota().Expire(t.Context(), true, 10); n != 1 || err != nil {
			t.Errorf("expired %d: %v", n, err)
		}
		wantNothingWrong(t, db)
		st, err := db.Quota().Standing(t.Context(), "a", nil, upgradeAt)
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range st.Balances {
			if b.Held != (quota.Amount{}) || b.Used.Messages != upgradeCharged+1 || b.Used.Tokens != upgradeCharged*12+4 {
				t.Errorf("%+v", b)
			}
		}
		if st.Plan != "pro" || len(st.Balances) != 8 {
			t.Errorf("it stands at %+v", st)
		}
	})
}

// wantNothingWrong checks that counters and sums are what the ledger says.
func wantNothingWrong(t *testing.T, db *store.DB) {
	t.Helper()
	if wrong, err := db.Quota().Mismatches(t.Context(), ""); err != nil || len(wrong) > 0 {
		t.Errorf("mismatches %+v, %v", wrong, err)
	}
	if drifted, err := db.Usage().Drift(t.Context(), ""); err != nil || len(drifted) > 0 {
		t.Errorf("drifted %+v, %v", drifted, err)
	}
}

// fillAsOfQuotas makes a database whose schema is that with which quotas came, of
// one account: its ledger, its counters and a reservation.
func fillAsOfQuotas(t *testing.T, o store.Options) {
	t.Helper()
	const quotas = 6
	db, err := store.Blank(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.MigrateUp(t.Context(), o, quotas); err != nil {
		t.Fatal(err)
	}
	do := func(text string, args ...any) {
		t.Helper()
		if _, err := db.Write().ExecContext(t.Context(), text, args...); err != nil {
			t.Fatal(err)
		}
	}
	do(`INSERT INTO accounts (id, name, personal, created_at, plan) VALUES ('a', 'ann', TRUE, $1, 'pro')`,
		time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC).UnixMicro())
	for i := range upgradeRows {
		charged, reservation, counted, created := false, "", int64(0), upgradeAt.Add(time.Duration(i)*time.Minute)
		if i%3 == 0 { // asked for long before it was answered
			charged, reservation, counted = true, fmt.Sprint("r", i), created.Add(-30*time.Minute).UnixMicro()
		}
		do(`INSERT INTO usage_ledger (account_id, id, created_at, member_id, kind, turn_id, conversation_id, attempt, provider, model,
				key_id, request_id, input_tokens, cached_read, cached_write, output_tokens, reasoning, source, price_known,
				price_input, price_cached_read, price_cached_write, price_output, cost_micro_usd, charged, reservation_id,
				outcome, error_code, first_token_us, total_us, counted_at)
			VALUES ('a', $1, $2, 'm', 'answer', '', 'c', 1, 'demo', 'echo', 'k', '', 2, 0, 7, 3, 0, 'reported', TRUE,
				1, 1, 1, 1, 5, $3, $4, 'completed', '', 1, 1, $5)`,
			fmt.Sprint("e", i), created.UnixMicro(), charged, reservation, counted)
	}
	do(`INSERT INTO quota_reservations (account_id, id, at, anchor_day, expires_at, kind, conversation_id, member_id, model, key_id, prompt_tokens,
			price_known, price_input, price_cached_read, price_cached_write, price_output, messages, tokens, micro_usd)
		VALUES ('a', 'r', $1, 1, 0, 'answer', '', 'm', 'demo/echo', 'k', 4, TRUE, 1000000, 1, 1, 1, 1, 50, 60)`, upgradeAt.UnixMicro())
	subjects := quota.Subjects{Member: "m", Model: "demo/echo", Key: "k"}
	for _, c := range subjects.Counters(quota.Day.Around(upgradeAt, 1).Starts, quota.Month.Around(upgradeAt, 1).Starts) {
		do(`INSERT INTO quota_counters (account_id, scope, subject, period, starts,
				messages_used, messages_held, tokens_used, tokens_held, micro_usd_used, micro_usd_held)
			VALUES ('a', $1, $2, $3, $4, $5, 1, $6, 50, $7, 60)`,
			c.Scope, c.Subject, c.Period, c.Starts.UnixMicro(), upgradeCharged, upgradeCharged*12, upgradeCharged*5)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
