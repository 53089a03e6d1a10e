package main

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/tui/chart"
	"github.com/aichat-term/aichat/tui/terminal"
)

var update = flag.Bool("update", false, "write the golden files anew")

func midMonth() time.Time {
	return time.Date(2026, 11, 23, 21, 0, 0, 0, time.FixedZone("", 3600))
}

func sums(calls, tokens, micro int64) wire.UsageSums {
	return wire.UsageSums{Calls: calls, Input: tokens / 2, Output: tokens - tokens/2, Tokens: tokens, CostMicroUSD: micro}
}

// month is a period in which something was used on some days.
func month() wire.UsageSummary {
	s := wire.UsageSummary{
		From: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC), TimeZone: "UTC",
		Now: midMonth(), Period: true, By: wire.ByDay, All: sums(143, 1_234_567, 1_834_567), Uncharged: sums(3, 1000, 20_000),
		Projection: &wire.Projection{CostMicroUSD: 2_412_345, Tokens: 1_600_000,
			Text: "$1.834567 in 22.8 of 30.0 days: at this pace $2.412345 by the end ($1.834567 × 30.0 / 22.8)"},
		Limits: wire.Limits{Metered: true, Plan: "free", Title: "Free", Limits: []wire.Limit{
			{Scope: "account", Period: "day", Unit: "messages", Used: 7, Most: 100, ResetsAt: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)},
			{Scope: "account", Period: "month", Unit: "tokens", Used: 1_234_567, Most: 2_000_000, ResetsAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
			{Scope: "account", Period: "month", Unit: "micro_usd", Used: 1_814_567, Most: 2_000_000, ResetsAt: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
		}},
	}
	s.All.EstimatedCalls, s.All.EstimatedMicroUSD, s.All.UnpricedCalls, s.All.FailedCalls = 2, 10_000, 1, 4
	for day := range 23 {
		r := wire.UsageRow{Key: fmt.Sprintf("2026-11-%02d", day+1)}
		if day%5 < 3 && day > 3 || day == 22 {
			n := int64(day * 7 % 11)
			r.All = sums(n+1, (n+1)*10_000, n*n*4321)
		}
		s.Rows = append(s.Rows, r)
	}
	return s
}

// byModel is the same by model, of which some are not told.
func byModel() wire.UsageSummary {
	s := month()
	s.By, s.Period, s.Projection = wire.ByModel, false, nil
	s.Limits = wire.Limits{}
	s.Rows = []wire.UsageRow{
		{Key: "anthropic/claude-opus-4-1-20250805", All: sums(40, 800_000, 1_500_000)},
		{Key: "openai/gpt-5", All: sums(90, 400_000, 334_567)},
		{Key: "ollama/llama\x1b[2J", All: wire.UsageSums{Calls: 1, Tokens: 4_567, UnpricedCalls: 1}},
	}
	s.Left, s.Rest = 4, &wire.UsageRow{All: sums(12, 30_000, 0)}
	s.Uncharged = s.All
	return s
}

func byConversation() wire.UsageSummary {
	s := byModel()
	s.By = wire.ByConversation
	s.Rows = []wire.UsageRow{
		{Key: "0193a7c2-4f1b-7000-8000-000000000001", Title: "Der längste Titel, den ein Gespräch über Go je hatte: 日本語 und mehr, und noch mehr davon", All: sums(40, 800_000, 1_500_000)},
		{Key: "0193a7c2-4f1b-7000-8000-000000000002", All: sums(4, 80_000, 300_000)},
		{All: sums(99, 80_000, 34_567)},
	}
	return s
}

func unused() wire.UsageSummary {
	s := month()
	s.All, s.Uncharged, s.Projection, s.Rows = wire.UsageSums{}, wire.UsageSums{}, nil, nil
	s.Limits = wire.Limits{Metered: true, Plan: "enterprise"}
	return s
}

func TestUsagePage(t *testing.T) {
	t.Parallel()
	for name, summary := range map[string]func() wire.UsageSummary{"day": month, "model": byModel, "conversation": byConversation, "unused": unused} {
		for _, width := range []int{60, 80, 120} {
			for _, ascii := range []bool{false, true} {
				s := summary()
				p := &program{env: func(string) (string, bool) { return map[bool]string{false: "C.UTF-8", true: "C"}[ascii], true }}
				c := canvas{width: width, glyph: chart.For(ascii), dots: map[bool]string{false: "…", true: "..."}[ascii], now: midMonth()}
				text := p.people(usagePage{sum: &s, canvas: c}.text())
				for line := range strings.Lines(text) {
					if w := terminal.Width(strings.TrimSuffix(line, "\n")); w > width {
						t.Errorf("%s: %d cells, not %d: %q", name, w, width, line)
					}
				}
				if ascii && terminal.ASCII(text) != text || strings.Contains(text, "\x1b") {
					t.Errorf("%s: %q", name, text)
				}
				if width == 80 {
					golden(t, fmt.Sprintf("usage-%s-%s", name, map[bool]string{false: "unicode", true: "ascii"}[ascii]), text)
				}
				c.style = style{colour: true}
				if coloured := (usagePage{sum: &s, canvas: c}).text(); !strings.Contains(coloured, "\x1b[") {
					t.Errorf("%s has no colours", name)
				}
			}
		}
	}
}

// golden compares a text with the one that is kept.
func golden(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join("testdata", "usage", name+".golden")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != text {
		t.Errorf("%s is not what is kept (go test -update writes it anew):\n%s", name, text)
	}
}

// ledger is two calls, one of them hostile.
func ledger() []wire.LedgerRow {
	at := midMonth().UTC()
	return []wire.LedgerRow{
		{ID: "a", At: at, EndedAt: at.Add(time.Second), Kind: "answer", Attempt: 1, Outcome: "completed", Model: "anthropic/claude-x", Title: "Counting words",
			Input: 1200, Output: 80, Price: &wire.Price{Input: 3_000_000, Output: 15_000_000}, CostMicroUSD: 4800, Charged: true,
			Explanation: "1,200 input × $3/M + 80 output × $15/M = $0.0048; tokens as the provider reported them"},
		{ID: "b", At: at, EndedAt: at, Kind: "title", Attempt: 2, Outcome: "failed", Model: "x/\x1b[2Jy", Title: "=HYPERLINK(\"http://x\"),\n\"quoted\"",
			Input: 10, Estimated: true, Explanation: "10 input; the model's price is not known, so no cost"},
	}
}

func TestLedger(t *testing.T) {
	t.Parallel()
	text := ledgerText(ledger(), canvas{width: 80, dots: "…", now: midMonth()})
	golden(t, "ledger", text)
	if strings.Contains(text, "\x1b") {
		t.Errorf("%q", text)
	}
	rows, err := csv.NewReader(strings.NewReader(asCSV([][]string{ledgerCSVHead}) + ledgerCSV(ledger()))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatal(err, rows)
	}
	title, cost := 9, 26
	if ledgerCSVHead[title] != "title" || rows[2][title] != `'=HYPERLINK("http://x"), "quoted"` {
		t.Errorf("%q", rows[2])
	}
	if ledgerCSVHead[cost] != "cost_microusd" || rows[1][cost] != "4800" {
		t.Errorf("%q", rows[1])
	}
	if lines := ledgerLines(ledger()); strings.Count(lines, "\n") != 2 || !strings.Contains(lines, "\tanthropic/claude-x\t1280\t0.004800\tyes\t") {
		t.Errorf("%q", lines)
	}
}

// The rows of a summary add up to all of it, in whatever form it is told.
func TestUsageAddsUp(t *testing.T) {
	t.Parallel()
	s := byModel()
	rows, err := csv.NewReader(strings.NewReader(usageCSV(&s))).ReadAll()
	if err != nil || len(rows) != 5 || rows[4][1] != "4 others" {
		t.Fatal(err, rows)
	}
	if lines := summaryLines(&s); !strings.HasSuffix(lines, "\n\t4 others\t12\t30000\t0.000000\n") || !strings.Contains(lines, "openai/gpt-5\t\t90\t400000\t0.334567\n") {
		t.Errorf("%q", lines)
	}
}

func TestQualityAndAdvice(t *testing.T) {
	t.Parallel()
	models := []wire.ModelQuality{
		{Model: "anthropic/claude-opus-4-1-20250805", Calls: 1240, Failed: 3, Refused: 20, Retried: 2, Cancelled: 5, FirstToken: wire.Latency{P50MS: 812, P95MS: 2500},
			Total: wire.Latency{P50MS: 9_870, P95MS: 31_000}, Up: 12, Down: 3, CostMicroUSD: 12_345_678,
			Errors: []wire.ErrorCount{{Code: wire.ProviderOverloaded, Calls: 2}, {Code: wire.ProviderTimeout, Calls: 1}}},
		{Model: "demo/demo", Calls: 1},
	}
	golden(t, "models", qualityText(models, canvas{width: 80, dots: "…"}))
	golden(t, "models-wide", qualityText(models, canvas{width: 120, dots: "…"}))
	for line := range strings.Lines(qualityText(models, canvas{width: 80, dots: "…"}) + qualityText(models, canvas{width: 120, dots: "…"})) {
		if terminal.Width(line) > 120 {
			t.Errorf("too wide: %q", line)
		}
	}
	report := wire.AdviceReport{Calls: 143, CostMicroUSD: 1_834_567, Advice: []wire.Advice{{
		Rule: wire.AdviceCheaperModel, Subject: "openai/gpt-5", Title: "A cheaper model of the same kind", Saw: "90 answers of openai/gpt-5 cost $0.334567.",
		Sum: "400,000 tokens at gpt-5-mini's price are $0.07.", Do: "Try it for a while.", Command: "aichat --model openai/gpt-5-mini", SavesMicroUSD: 264_567,
	}}}
	golden(t, "advice", adviceText(&report, rangeOptions{}, canvas{width: 80, dots: "…"}))
	report.Advice = nil
	if got := adviceText(&report, rangeOptions{}, canvas{width: 80, dots: "…"}); got != "Nothing to advise. 143 calls of $1.83 were looked at.\n" {
		t.Errorf("%q", got)
	}
}

func TestUsageQuery(t *testing.T) {
	t.Parallel()
	p := &program{now: midMonth, env: func(name string) (string, bool) { return map[string]string{"TZ": "Europe/Berlin"}[name], name == "TZ" }}
	for name, c := range map[string]struct {
		o        rangeOptions
		from, to string
		refused  bool
	}{
		"the period":       {},
		"since last month": {o: rangeOptions{from: "last-month"}, from: "2026-10-01"},
		"last month":       {o: rangeOptions{from: "last-month", to: "last-month"}, from: "2026-10-01", to: "2026-10-31"},
		"since yesterday":  {o: rangeOptions{from: "yesterday"}, from: "2026-11-22"},
		"yesterday":        {o: rangeOptions{from: "yesterday", to: "yesterday"}, from: "2026-11-22", to: "2026-11-22"},
		"from tomorrow":    {o: rangeOptions{from: "2026-11-24"}, refused: true},
		"from later today": {o: rangeOptions{from: "2026-11-23T23:00:00Z"}, refused: true},
		"from a date":      {o: rangeOptions{from: "2026-11-23"}, from: "2026-11-23"},
		"last month and a": {o: rangeOptions{from: "last-month", to: "2026-10-05"}, from: "2026-10-01", to: "2026-10-05"},
		"until yesterday":  {o: rangeOptions{to: "yesterday"}, to: "2026-11-22"},
		"until a length":   {o: rangeOptions{to: "7d"}, refused: true},
		"until nonsense":   {o: rangeOptions{to: "soon"}, refused: true},
		"east of all days": {o: rangeOptions{from: "today", zone: "Pacific/Kiritimati"}, from: "2026-11-24"},
	} {
		q, err := p.usageQuery(c.o)
		if (err != nil) != c.refused || !c.refused && (q.From != c.from || q.To != c.to) {
			t.Errorf("%s: %+v, %v", name, q, err)
		}
		if c.o.zone == "" && q.TimeZone != "Europe/Berlin" {
			t.Errorf("%s: the zone is %q", name, q.TimeZone)
		}
	}
}

func TestRefusedInOnesOwnTime(t *testing.T) {
	t.Parallel()
	p := &program{now: midMonth}
	f := p.failureOf(t.Context(), refusalOf(wire.Problem{Code: wire.QuotaExhausted, Detail: "Used up.", RetryAfter: 3 * 3600}))
	if f.status != exitQuota || f.hint != "In your time it resets tomorrow at 00:00, in 3 h. What is used and left: aichat usage" {
		t.Errorf("%+v", f)
	}
}

// Where there is nothing to tell, it is said of what, and where to look that was
// not looked at yet.
func TestNothingWasUsed(t *testing.T) {
	t.Parallel()
	ranged := rangeOptions{from: "last-month"}
	for _, tc := range []struct {
		asked ledgerOptions
		want  string
	}{
		{ledgerOptions{}, "The ledger is empty: nothing was used yet. To begin: aichat ask hello"},
		{ledgerOptions{rangeOptions: ranged}, "Nothing was used in this time."},
		{ledgerOptions{rangeOptions: rangeOptions{to: "yesterday"}}, "Nothing was used in this time."},
		{ledgerOptions{rangeOptions: rangeOptions{member: "bob"}}, "No call of that member is in the ledger. Those that are: aichat usage --by member"},
		{ledgerOptions{rangeOptions: rangeOptions{member: "bob", from: "7d"}, model: "x/y"},
			"No call of that member and of that model is in the ledger in this time. Those that are: aichat usage --by member"},
		{ledgerOptions{model: "x/y"}, "No call of that model is in the ledger. Those that are: aichat usage --by model"},
		{ledgerOptions{rangeOptions: ranged, chat: "c"}, "No call for that chat is in the ledger in this time. Those that are: aichat usage --by conversation"},
	} {
		for _, width := range []int{40, 120} {
			text := canvas{width: width}.noRows(tc.asked)
			if got := strings.Join(strings.Fields(text), " "); got != tc.want || terminal.Width(text) > width || !strings.HasSuffix(text, "\n") {
				t.Errorf("%+v: %q, want %q", tc.asked, text, tc.want)
			}
		}
	}
	const back = "To look further back: aichat usage --from last-month"
	s := unused()
	for asked, want := range map[rangeOptions]bool{{}: true, {member: "bob"}: true, ranged: false, {to: "yesterday"}: false} {
		if text := (usagePage{sum: &s, asked: asked, canvas: canvas{width: 120}}).text(); strings.Contains(text, back) != want {
			t.Errorf("%+v: %q", asked, text)
		}
	}
}
