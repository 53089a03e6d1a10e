package usage_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

func group(key string, cost, tokens int64) usage.Group {
	return usage.Group{Key: key, All: usage.Sums{Calls: 1, MicroUSD: cost, Tokens: provider.Usage{Input: tokens}}}
}

func TestFold(t *testing.T) {
	t.Parallel()
	free := group("b", 5, 1)
	free.Uncharged = free.All
	table := usage.Fold(usage.ByModel, []usage.Group{group("a", 1, 1), group("c", 6, 1), free, group("b", 2, 1), group("d", 0, 9), group("e", 0, 8)}, nil, time.Time{}, nil, 3)
	var told string
	for _, r := range table.Rows {
		told += fmt.Sprint(r.Key, r.All.MicroUSD, "/", r.Uncharged.MicroUSD, " ")
	}
	if told != "b7/5 c6/0 a1/0 " || table.Left != 2 || table.Rest.All.Tokens.Input != 17 || table.All.MicroUSD != 14 || table.All.Calls != 6 || table.Uncharged.MicroUSD != 5 {
		t.Errorf("%s %+v", told, table)
	}
	if empty := usage.Fold(usage.ByModel, nil, nil, time.Time{}, nil, 3); len(empty.Rows) != 0 || empty.Left != 0 {
		t.Errorf("%+v", empty)
	}
}

func TestFoldTellsNoFuture(t *testing.T) {
	t.Parallel()
	r := usage.Range{From: at(t, "2026-11-01T00:00:00Z"), To: at(t, "2026-12-01T00:00:00Z"), Zone: time.UTC}
	bounds, err := r.Bounds(usage.ByDay)
	if err != nil {
		t.Fatal(err)
	}
	now := at(t, "2026-11-03T10:00:00Z")
	some := group("", 7, 7)
	some.At = at(t, "2026-11-02T23:59:59Z")
	table := usage.Fold(usage.ByDay, []usage.Group{some}, bounds, now, time.UTC, 0)
	if len(table.Rows) != 3 || table.Rows[1].All.MicroUSD != 7 || table.Rows[2].Key != "2026-11-03" {
		t.Errorf("%+v", table.Rows)
	}
	some.At = at(t, "2026-11-05T00:00:00Z") // another machine's clock
	if table := usage.Fold(usage.ByDay, []usage.Group{some}, bounds, now, time.UTC, 0); len(table.Rows) != 5 || table.All.MicroUSD != 7 {
		t.Errorf("%+v", table.Rows)
	}
}

func TestProject(t *testing.T) {
	t.Parallel()
	from, to := at(t, "2026-11-01T00:00:00Z"), at(t, "2026-12-01T00:00:00Z")
	sums := usage.Sums{MicroUSD: 3_200_001, Tokens: provider.Usage{Input: 900, Output: 100}}
	p, ok := usage.Project(from, to, at(t, "2026-11-13T12:00:00Z"), sums)
	const text = "$3.20 in 12.5 of 30 days: at this pace $7.68 by the end ($3.20 × 30 / 12.5)"
	if !ok || p.MicroUSD != 7_680_003 || p.Tokens != 2400 || p.Text != text {
		t.Errorf("%+v", p)
	}
	for _, now := range []string{"2026-11-01T23:59:59Z", "2026-12-01T00:00:00Z", "2026-10-01T00:00:00Z"} {
		if p, ok := usage.Project(from, to, at(t, now), sums); ok {
			t.Errorf("at %s: %+v", now, p)
		}
	}
	if p, ok := usage.Project(from, to, at(t, "2026-11-13T12:00:00Z"), usage.Sums{}); !ok || p.MicroUSD != 0 {
		t.Errorf("of nothing: %+v", p)
	}
}

func TestDollars(t *testing.T) {
	t.Parallel()
	for micro, want := range map[int64]string{
		0: "$0.00", 1: "$0.000001", 4803: "$0.004803", 12_345: "$0.0123", 999_999: "$1.00", 1_000_000: "$1.00", 1_234_567_890: "$1,234.57", -2_000_000: "-$2.00",
	} {
		if got := usage.Dollars(micro); got != want {
			t.Errorf("%d: %s, want %s", micro, got, want)
		}
	}
}
