package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/wire"
)

// TestUsageCheck: with nothing running, and while a server runs, counters that
// are right are said to be, and there is nothing to set right.
func TestUsageCheck(t *testing.T) {
	t.Parallel()
	h := newHome(t)
	if out, errs, status := h.run("users", "add", "ada"); status != 0 {
		t.Fatalf("%d %s %s", status, out, errs)
	}
	look := func() {
		t.Helper()
		for _, tc := range []struct {
			args []string
			says string
		}{
			{[]string{"usage", "check"}, "All counters and sums are"},
			{[]string{"usage", "check", "ada", "--json"}, `"hours": []`},
			{[]string{"usage", "rebuild"}, "Nothing has to be changed"},
			{[]string{"usage", "rebuild", "ada", "--yes"}, "Nothing had to be changed."},
			{[]string{"usage", "rebuild", "--yes", "--json"}, `"wrong": []`},
		} {
			if out, errs, status := h.run(tc.args...); status != 0 || !strings.Contains(out, tc.says) {
				t.Errorf("%v: %d %q %q", tc.args, status, out, errs)
			}
		}
		if _, errs, status := h.run("usage", "check", "bob"); status != 1 || !strings.Contains(errs, "there is no user") {
			t.Errorf("%d %s", status, errs)
		}
	}
	look()
	h.serve()
	look()
}

// TestWrongCountersAreShown unit by unit.
func TestWrongCountersAreShown(t *testing.T) {
	t.Parallel()
	starts := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	var out strings.Builder
	found := wire.WrongCounters{Wrong: []wire.WrongCounter{
		{Account: "a1", User: "ada", Scope: "account", Period: "month", Starts: starts, Stored: wire.Taken{Used: wire.Amount{Tokens: 5, MicroUSD: 1_500_000}}},
		{Account: "a2", Scope: "model", Subject: "openai/gpt", Period: "day", Starts: starts, Real: wire.Taken{Held: wire.Amount{Messages: 2}}},
	}, Hours: []wire.WrongHour{
		{User: "ada", Starts: starts, Of: wire.RollupOfUsage, Stored: wire.UsageSums{Calls: 1, Tokens: 1234, CostMicroUSD: 5}, Real: wire.UsageSums{Tokens: 1200}},
		{User: "ada", Starts: starts, Of: wire.RollupOfConversations, Stored: wire.UsageSums{FailedCalls: 1}},
	}}
	if err := printWrong(&out, &found, false); err != nil {
		t.Fatal(err)
	}
	const want = `ACCOUNT OF  FROM              STORED      REALLY      COUNTER
ada         2026-11-01  used  5 tokens    0 tokens    account a month
ada         2026-11-01  used  $1.50       $0.00       account a month
a2          2026-11-01  held  0 messages  2 messages  model openai/gpt a day
ACCOUNT OF  HOUR (UTC)                STORED     REALLY  SUMS OF
ada         2026-11-01 00:00  calls   1          0       usage
ada         2026-11-01 00:00  tokens  1,234      1,200   usage
ada         2026-11-01 00:00  cost    $0.000005  $0      usage
ada         2026-11-01 00:00  others  -          -       conversations
`
	if got := howMany(&found); got != "2 counters and 2 sums of hours" {
		t.Error(got)
	}
	if got := out.String(); got != want {
		t.Errorf("shown:\n%s\nwant:\n%s", got, want)
	}
}
