package quota_test

import (
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/quota"
)

func TestAround(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name         string
		period       quota.Period
		anchor       int
		at           string
		starts, ends string
	}{
		{"a day", quota.Day, 1, "2026-11-23T14:00:00Z", "2026-11-23", "2026-11-24"},
		{"its first moment", quota.Day, 1, "2026-11-23T00:00:00Z", "2026-11-23", "2026-11-24"},
		{"its last", quota.Day, 1, "2026-11-23T23:59:59.999999999Z", "2026-11-23", "2026-11-24"},
		{"another zone's clock", quota.Day, 1, "2026-11-24T01:30:00+02:00", "2026-11-23", "2026-11-24"},
		{"a day on which clocks change", quota.Day, 1, "2026-10-25T02:30:00+01:00", "2026-10-25", "2026-10-26"},
		{"a leap day", quota.Day, 1, "2028-02-29T12:00:00Z", "2028-02-29", "2028-03-01"},
		{"New Year's Eve", quota.Day, 1, "2026-12-31T23:00:00Z", "2026-12-31", "2027-01-01"},

		{"a calendar month", quota.Month, 1, "2026-02-14T12:00:00Z", "2026-02-01", "2026-03-01"},
		{"its first moment", quota.Month, 1, "2026-02-01T00:00:00Z", "2026-02-01", "2026-03-01"},
		{"the moment before", quota.Month, 1, "2026-01-31T23:59:59.999999999Z", "2026-01-01", "2026-02-01"},
		{"over the year's end", quota.Month, 15, "2027-01-03T00:00:00Z", "2026-12-15", "2027-01-15"},
		{"into the next year", quota.Month, 15, "2026-12-20T00:00:00Z", "2026-12-15", "2027-01-15"},
		{"the 31st in January", quota.Month, 31, "2026-01-31T00:00:00Z", "2026-01-31", "2026-02-28"},
		{"the 31st in February", quota.Month, 31, "2026-02-28T00:00:00Z", "2026-02-28", "2026-03-31"},
		{"the 31st, the day before", quota.Month, 31, "2026-02-27T23:59:59Z", "2026-01-31", "2026-02-28"},
		{"the 31st comes back", quota.Month, 31, "2026-03-31T00:00:00Z", "2026-03-31", "2026-04-30"},
		{"the 31st in a month of 30", quota.Month, 31, "2026-05-30T12:00:00Z", "2026-04-30", "2026-05-31"},
		{"the 30th in a leap February", quota.Month, 30, "2028-02-29T00:00:00Z", "2028-02-29", "2028-03-30"},
		{"the 29th in a leap year", quota.Month, 29, "2028-02-29T12:00:00Z", "2028-02-29", "2028-03-29"},
		{"the 29th in another", quota.Month, 29, "2027-03-01T00:00:00Z", "2027-02-28", "2027-03-29"},
		{"a century without a leap day", quota.Month, 29, "2100-03-01T00:00:00Z", "2100-02-28", "2100-03-29"},
		{"no anchor", quota.Month, 0, "2026-02-14T12:00:00Z", "2026-02-01", "2026-03-01"},
		{"one beyond all months", quota.Month, 99, "2026-02-14T12:00:00Z", "2026-01-31", "2026-02-28"},
	} {
		at, err := time.Parse(time.RFC3339Nano, tc.at)
		if err != nil {
			t.Fatal(err)
		}
		got := tc.period.Around(at, tc.anchor)
		if s, e := got.Starts.Format(time.DateOnly), got.Ends.Format(time.DateOnly); s != tc.starts || e != tc.ends {
			t.Errorf("%s: from %s to %s, want from %s to %s", tc.name, s, e, tc.starts, tc.ends)
		}
	}
}

// TestPeriodsMeet: whatever the anchor, each moment of years is in one period,
// and where one ends the next begins.
func TestPeriodsMeet(t *testing.T) {
	t.Parallel()
	first := time.Date(2023, 12, 30, 0, 0, 0, 0, time.UTC)
	for _, period := range quota.Periods() {
		for anchor := 1; anchor <= 31; anchor++ {
			span := period.Around(first, anchor)
			for at := first; at.Year() < 2029; at = at.Add(12 * time.Hour) {
				if !at.Before(span.Ends) {
					next := period.Around(at, anchor)
					if !next.Starts.Equal(span.Ends) {
						t.Fatalf("%s, anchor %d: one ends %v, the next begins %v", period, anchor, span.Ends, next.Starts)
					}
					span = next
				}
				if got := period.Around(at, anchor); got != span || at.Before(got.Starts) || got.Ends.Sub(got.Starts) > 31*24*time.Hour {
					t.Fatalf("%s, anchor %d: %v is in %v, want %v", period, anchor, at, got, span)
				}
			}
		}
	}
}
