package spending_test

import (
	"slices"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/spending"
)

func TestSpan(t *testing.T) {
	t.Parallel()
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
	for want, s := range map[string]wire.UsageSummary{
		"This period: 1 to 30 November 2026 (UTC)": {From: day(2026, 11, 1), To: day(2026, 12, 1), TimeZone: "Etc/UTC", Period: true},
		"23 November 2026 (UTC)":                   {From: day(2026, 11, 23), To: day(2026, 11, 24)},
		"15 November to 14 December 2026 (UTC)":    {From: day(2026, 11, 15), To: day(2026, 12, 15), TimeZone: "UTC"},
		"1 December 2025 to 31 January 2026 (UTC)": {From: day(2025, 12, 1), To: day(2026, 2, 1), TimeZone: "UTC"},
		"1 to 2 November 2026 (Asia/Tokyo)":        {From: day(2026, 10, 31).Add(15 * time.Hour), To: day(2026, 11, 2).Add(15 * time.Hour), TimeZone: "Asia/Tokyo"},
		"22 November 2026 13:34 to 23 November 2026 13:34 (UTC)": {From: day(2026, 11, 22).Add(13*time.Hour + 34*time.Minute),
			To: day(2026, 11, 23).Add(13*time.Hour + 34*time.Minute)},
		"This period: 5 to 30 November 2026 (Europe/Berlin)": {From: day(2026, 11, 5), To: day(2026, 11, 30), TimeZone: "Europe/Berlin", Period: true},
		"1 to 2 November 2026 (no\u241b such <zone)":         {From: day(2026, 11, 1), To: day(2026, 11, 3), TimeZone: "no\x1b such\n<zone"},
	} {
		if got := spending.Span(&s); got != want {
			t.Errorf("%q, not %q", got, want)
		}
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ by, key, title, want string }{
		{wire.ByDay, "2026-11-02", "", "Mon  2 Nov"},
		{wire.ByDay, "soon", "", "soon"},
		{wire.ByHour, "2026-11-02T15:00:00+01:00", "", " 2 Nov 15:00"},
		{wire.ByModel, "a/b", "", "a/b"},
		{wire.ByConversation, "0193a7c2-4f1b-7000-8000-000000000001", "Two\nlines\x1b[2J", "Two lines\u241b[2J"},
		{wire.ByConversation, "0193a7c2-4f1b-7000-8000-000000000001", "", "(no title) 0193a7c2-4f1b"},
		{wire.ByConversation, "", "", "(kept in no chat)"},
		{wire.ByMember, "short", "", "(deleted) short"},
		{wire.ByKey, "short", "", "short"},
		{wire.ByDay, "", "3 others", "3 others"},
	} {
		if got := spending.Name(c.by, &wire.UsageRow{Key: c.key, Title: c.title}); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestRest(t *testing.T) {
	t.Parallel()
	s := &wire.UsageSummary{}
	if rest := spending.Rest(s); rest != nil {
		t.Errorf("of nothing: %+v", rest)
	}
	s.Rest = &wire.UsageRow{Key: "k", All: wire.UsageSums{Calls: 2}}
	for left, want := range map[int64]string{1: "1 other", 2: "2 others", 1200: "1,200 others"} {
		s.Left = left
		if rest := spending.Rest(s); rest.Title != want || rest.Key != "" || rest.All.Calls != 2 {
			t.Errorf("%d: %+v", left, rest)
		}
	}
}

func TestWeights(t *testing.T) {
	t.Parallel()
	s := &wire.UsageSummary{Rows: []wire.UsageRow{{All: wire.UsageSums{Tokens: 3}}, {All: wire.UsageSums{Tokens: 4, CostMicroUSD: 7}}}}
	if got := spending.Weights(s); !slices.Equal(got, []int64{3, 4}) {
		t.Errorf("without costs: %v", got)
	}
	s.All.CostMicroUSD = 7
	if got := spending.Weights(s); !slices.Equal(got, []int64{0, 7}) {
		t.Errorf("with costs: %v", got)
	}
}

func TestAhead(t *testing.T) {
	t.Parallel()
	s := &wire.UsageSummary{Period: true}
	if text, warning := spending.Ahead(s); text != "" || warning != "" {
		t.Errorf("%q, %q", text, warning)
	}
	s.Projection = &wire.Projection{CostMicroUSD: 2_000_001, Tokens: 12_000}
	s.Limits.Limits = []wire.Limit{{Scope: "account", Period: "month", Unit: "micro_usd", Most: 2_000_000}}
	if text, warning := spending.Ahead(s); text != "At this pace $2.00 and 12k tokens by its end." || warning != "That is more than the plan's $2.00." {
		t.Errorf("%q, %q", text, warning)
	}
	s.Period = false
	if _, warning := spending.Ahead(s); warning != "" {
		t.Errorf("a month's limit is none of other ranges: %q", warning)
	}
}
