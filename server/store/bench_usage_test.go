package store_test

import (
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/usage"
)

// benchRows is a month of a large account: twenty members, six models, eight calls
// to a conversation.
const benchRows = 1_000_000

var benchMonth = usage.Range{From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), Zone: time.UTC}

// fillLedger writes rows past the store, which would take its time. Each is due, and
// their ids grow with time, as ours do.
func fillLedger(b *testing.B, db *store.DB, account identity.AccountID) {
	b.Helper()
	between := benchMonth.To.Sub(benchMonth.From).Microseconds() / benchRows
	if _, err := db.Write().ExecContext(b.Context(), `WITH RECURSIVE n (i) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1)
		INSERT INTO usage_ledger (account_id, id, created_at, member_id, kind, turn_id, conversation_id, attempt, provider, model, key_id, request_id,
			input_tokens, cached_read, cached_write, output_tokens, reasoning, source, price_known, price_input, price_cached_read, price_cached_write,
			price_output, cost_micro_usd, charged, reservation_id, outcome, error_code, first_token_us, total_us, counted_at, finish)
		SELECT CAST($2 AS TEXT), 'row-' || (10000000 + i), $3 + i * CAST($4 AS BIGINT), 'member-' || (i / 8 % 20), CASE WHEN i % 8 = 0 THEN 'title' ELSE 'answer' END,
			'', 'conversation-' || (i / 8), 1, 'provider', 'model-' || (i / 8 % 6), 'key-' || (i / 8 % 3), '', 1000 + i % 777, i % 300, 0, i % 500, 0,
			CASE WHEN i % 50 = 0 THEN 'estimated' ELSE 'reported' END, TRUE, 3000000, 300000, 0, 15000000, 3000 + i % 7000, i / 8 % 10 <> 0, '',
			CASE WHEN i % 40 = 0 THEN 'failed' ELSE 'completed' END, CASE WHEN i % 40 = 0 THEN 'provider_failed' ELSE '' END,
			300000 + i % 500000, 2000000 + i % 5000000, 0, 'stop' FROM n`,
		int64(benchRows-1), string(account), benchMonth.From.UnixMicro(), between); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkUsage asks for a month of a million rows, rolled up, as the views do.
// "rolling up" is how long a batch of it took, in the state of a server that has
// never done it.
func BenchmarkUsage(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account := newUser(b, db)
		fillLedger(b, db, account)
		analyse(b, db)
		mine := usage.Whose{Account: account}
		b.Run("nothing rolled up, by day", func(b *testing.B) { benchSums(b, db, mine, usage.ByDay, time.UTC) })
		b.Run("rolling up 500 rows", func(b *testing.B) {
			percentiles(b, func(int) {
				if n, err := db.Usage().RollUp(b.Context(), 500); err != nil || n != 500 {
					b.Fatal(n, err)
				}
			})
		})
		for n := 1; n > 0; {
			var err error
			if n, err = db.Usage().RollUp(b.Context(), 20_000); err != nil {
				b.Fatal(err)
			}
		}
		analyse(b, db)
		kathmandu, err := time.LoadLocation("Asia/Kathmandu")
		if err != nil {
			b.Fatal(err)
		}
		for _, by := range []usage.By{usage.ByDay, usage.ByModel, usage.ByMember, usage.ByConversation} {
			b.Run("by "+string(by), func(b *testing.B) { benchSums(b, db, mine, by, time.UTC) })
		}
		b.Run("by day of Kathmandu", func(b *testing.B) { benchSums(b, db, mine, usage.ByDay, kathmandu) })
		b.Run("by account, for the operator", func(b *testing.B) { benchSums(b, db, usage.Whose{}, usage.ByAccount, time.UTC) })
		b.Run("quality", func(b *testing.B) {
			percentiles(b, func(int) {
				if _, err := db.Usage().Outcomes(b.Context(), mine, benchMonth.From, benchMonth.To); err != nil {
					b.Fatal(err)
				}
				if _, err := db.Usage().Latencies(b.Context(), mine, benchMonth.From, benchMonth.To, 20_000); err != nil {
					b.Fatal(err)
				}
			})
		})
		b.Run("pages of the ledger", func(b *testing.B) { benchPages(b, db, usage.PageQuery{Whose: mine}) })
		b.Run("pages of one conversation", func(b *testing.B) {
			benchPages(b, db, usage.PageQuery{Whose: mine, Conversation: "conversation-777"})
		})
	})
}

func benchSums(b *testing.B, db *store.DB, of usage.Whose, by usage.By, zone *time.Location) {
	r := benchMonth
	r.Zone = zone
	bounds, err := r.Bounds(by)
	if err != nil {
		b.Fatal(err)
	}
	percentiles(b, func(int) {
		groups, err := db.Usage().Sums(b.Context(), of, by, bounds)
		if err != nil {
			b.Fatal(err)
		}
		if t := usage.Fold(by, groups, bounds, r.To, zone, 50); t.All.Calls != benchRows {
			b.Fatalf("%d calls", t.All.Calls)
		}
	})
}

func benchPages(b *testing.B, db *store.DB, q usage.PageQuery) {
	q.Limit = 50
	percentiles(b, func(int) {
		rows, err := db.Usage().Page(b.Context(), q)
		if err != nil {
			b.Fatal(err)
		}
		if q.After = nil; len(rows) == q.Limit {
			last := &rows[len(rows)-1]
			q.After = &usage.Mark{At: last.At(), ID: last.ID}
		}
	})
}
