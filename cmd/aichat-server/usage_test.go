package main

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
)

// TestUsage asks with nothing running, and again while a server runs.
func TestUsage(t *testing.T) {
	t.Parallel()
	h := newFoundedHome(t)
	if out, errs, status := h.run("usage", "--from", "2026-11-01", "--to", "2026-11-01"); status != 0 || out != "" ||
		!strings.Contains(errs, "Nothing was used on 2026-11-01 (UTC).") {
		t.Errorf("%d %q %q", status, out, errs)
	}
	for _, typed := range []string{"yesterday", "2026-11-01T00:00:00Z", "7d"} {
		h.want(0, "Nothing was used ", "usage", "--from", typed)
	}
	h.want(2, "Use a date as 2026-11-01", "usage", "--from", "tomorrow")
	h.want(2, "--time-zone does not take", "usage", "--time-zone", "Mars")
	h.serve()
	out, errs, status := h.run("usage", "--by", "model", "--json")
	var sum wire.AdminUsage
	if err := json.Unmarshal([]byte(out), &sum); err != nil || status != 0 || sum.By != wire.ByModel || sum.Rows == nil {
		t.Errorf("%v %d %s %s", err, status, out, errs)
	}
	if _, errs, status := h.run("usage", "--by", "colour"); status != 2 || !strings.Contains(errs, "--by takes account, member") {
		t.Errorf("%d %s", status, errs)
	}
	if _, errs, status := h.run("usage", "--json", "--csv"); status != 2 || !strings.Contains(errs, "choose one of") {
		t.Errorf("%d %s", status, errs)
	}
}

func bigUsage() *wire.AdminUsage {
	big := wire.UsageSums{Calls: 12_345_678, FailedCalls: 123_456, Tokens: 987_654_321_000, CostMicroUSD: 123_456_789_000_000}
	return &wire.AdminUsage{By: wire.ByAccount, TimeZone: "UTC", All: big, Uncharged: big, Left: 7, Rest: &wire.UsageRow{All: big}, Rows: []wire.UsageRow{
		{Key: "019a0000-0000-7000-8000-000000000001", Title: "=HYPERLINK(\"http://example.com\") " + strings.Repeat("ä", 60), All: big, Uncharged: big},
		{Key: "", All: big},
	}}
}

// The table fits a terminal, whatever there is to tell.
func TestUsageTableFits(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := printTable(&b, usageTable(bigUsage())); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(b.String()) {
		if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if !strings.Contains(b.String(), "(7 more)") || !strings.Contains(b.String(), "(none)") || !strings.Contains(b.String(), "12345678") {
		t.Error(b.String())
	}
}

func TestCostOf(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		micro, unpriced int64
		want            string
	}{{0, 0, "$0.00"}, {250_000, 0, "$0.2500"}, {0, 1, "?"}, {250_000, 2, "$0.2500+?"}} {
		if got := costOf(&wire.UsageSums{Calls: 3, CostMicroUSD: tc.micro, UnpricedCalls: tc.unpriced}); got != tc.want {
			t.Errorf("%+v: %s", tc, got)
		}
	}
}

func TestUsageCSV(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	if err := printUsageCSV(&b, bigUsage()); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(b.String())).ReadAll()
	if err != nil || len(rows) != 4 || !strings.HasPrefix(rows[1][1], "'=HYPERLINK") || rows[1][10] != "123456789000000" {
		t.Errorf("%v %q", err, rows)
	}
}

func TestShortNumber(t *testing.T) {
	t.Parallel()
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1.0k", 34_567: "34.5k", 345_678: "345k", 1_999_999: "1.9M", 5_000_000_000_000: "5.0T"} {
		if got := shortNumber(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}
