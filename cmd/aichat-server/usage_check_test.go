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
			{[]string{"usage", "check"}, "All counters are"},
			{[]string{"usage", "check", "ada", "--json"}, "[]\n"},
			{[]string{"usage", "rebuild"}, "Nothing has to be changed"},
			{[]string{"usage", "rebuild", "ada", "--yes"}, "changed: 0"},
			{[]string{"usage", "rebuild", "--yes", "--json"}, "[]\n"},
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
	if err := printCounters(&out, []wire.WrongCounter{
		{Account: "a1", User: "ada", Scope: "account", Period: "month", Starts: starts, Stored: wire.Taken{Used: wire.Amount{Tokens: 5, MicroUSD: 1_500_000}}},
		{Account: "a2", Scope: "model", Subject: "openai/gpt", Period: "day", Starts: starts, Real: wire.Taken{Held: wire.Amount{Messages: 2}}},
	}, false); err != nil {
		t.Fatal(err)
	}
	const want = `ACCOUNT OF  COUNTER                 FROM              STORED      REALLY
ada         account a month         2026-11-01  used  5 tokens    0 tokens
ada         account a month         2026-11-01  used  $1.50       $0.00
a2          model openai/gpt a day  2026-11-01  held  0 messages  2 messages
`
	if got := out.String(); got != want {
		t.Errorf("shown:\n%s\nwant:\n%s", got, want)
	}
}
