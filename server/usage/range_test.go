package usage_test

import (
	"slices"
	"testing"
	"time"
	_ "time/tzdata" // a machine without time zones has them all the same

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/usage"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return when.UTC()
}

// fromFifth are months that begin on the fifth, of UTC.
func fromFifth(t time.Time) usage.Span {
	y, m, d := t.UTC().Date()
	if d < 5 {
		m--
	}
	return usage.Span{Starts: time.Date(y, m, 5, 0, 0, 0, 0, time.UTC), Ends: time.Date(y, m+1, 5, 0, 0, 0, 0, time.UTC)}
}

func TestRange(t *testing.T) {
	t.Parallel()
	now := at(t, "2026-11-23T10:30:00Z")
	for _, tc := range []struct {
		name, from, to, zone string
		wantFrom, wantTo     string
		month                bool
	}{
		{"the month", "", "", "Europe/Berlin", "2026-11-05T00:00:00Z", "2026-12-05T00:00:00Z", true},
		{"a day", "2026-11-01", "2026-11-01", "UTC", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", false},
		{"a day of Kathmandu", "2026-11-01", "2026-11-01", "Asia/Kathmandu", "2026-10-31T18:15:00Z", "2026-11-01T18:15:00Z", false},
		{"a day of 23 hours", "2026-03-29", "2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", false},
		{"a day of 25 hours", "2026-10-25", "2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", false},
		{"a day that begins at one", "2024-03-31", "2024-03-31", "Asia/Beirut", "2024-03-30T22:00:00Z", "2024-03-31T21:00:00Z", false},
		{"a day with two midnights", "2024-11-03", "2024-11-03", "America/Havana", "2024-11-03T04:00:00Z", "2024-11-04T05:00:00Z", false},
		{"a day that never was", "2011-12-30", "2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z", "2011-12-31T10:00:00Z", false},
		{"until now", "2026-11-20", "", "UTC", "2026-11-20T00:00:00Z", "2026-11-23T10:30:00Z", false},
		{"of the month that ends so", "", "2026-10-31", "UTC", "2026-10-05T00:00:00Z", "2026-11-01T00:00:00Z", false},
		{"of a month that is over", "", "2026-10-04", "UTC", "2026-09-05T00:00:00Z", "2026-10-05T00:00:00Z", false},
		{"times", "2026-11-20T09:00:00+02:00", "2026-11-20T09:30:00+02:00", "UTC", "2026-11-20T07:00:00Z", "2026-11-20T07:30:00Z", false},
		{"the month by its days", "2026-11-05", "2026-12-04", "UTC", "2026-11-05T00:00:00Z", "2026-12-05T00:00:00Z", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			r, month, err := usage.Asked{From: tc.from, To: tc.to, Zone: zone(t, tc.zone), Now: now, Month: fromFifth}.Range()
			if err != nil || !r.From.Equal(at(t, tc.wantFrom)) || !r.To.Equal(at(t, tc.wantTo)) || month != tc.month {
				t.Errorf("%v to %v, %v, %v", r.From, r.To, month, err)
			}
		})
	}
	for _, tc := range [][3]string{
		{"yesterday", "", "from"}, {"", "2026-13-01", "to"}, {"2026-02-30", "", "from"}, {"1969-12-31", "", "from"}, {"", "9999-12-31", "to"},
		{"2026-11-02", "2026-11-01", "to"}, {"2026-11-24", "", "to"}, {"2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "to"},
	} {
		_, _, err := usage.Asked{From: tc[0], To: tc[1], Zone: time.UTC, Now: now, Month: fromFifth}.Range()
		if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || f.Subject != tc[2] {
			t.Errorf("%q to %q: %v", tc[0], tc[1], err)
		}
	}
}

// Pieces follow each other without gap or overlap, through every change of clocks,
// and are named each by its own name.
func TestPieces(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"UTC", "Europe/Berlin", "America/Havana", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Asia/Beirut", "Pacific/Apia", "Africa/Casablanca"} {
		loc := zone(t, name)
		for year := 2009; year <= 2026; year++ {
			r := usage.Range{From: time.Date(year, 1, 1, 0, 17, 0, 0, loc).UTC(), To: time.Date(year+1, 1, 1, 3, 0, 0, 0, loc).UTC(), Zone: loc}
			bounds, err := r.Bounds(usage.ByDay)
			if err != nil {
				t.Fatal(err)
			}
			table := usage.Fold(usage.ByDay, nil, bounds, r.To, loc, 0)
			seen := map[string]bool{}
			for i, row := range table.Rows {
				if d := row.Span.Ends.Sub(row.Span.Starts); d <= 0 || d > 26*time.Hour || seen[row.Key] || !row.Span.Starts.Equal(bounds[i]) {
					t.Fatalf("%s, %v: %s is %v long, seen %v", name, row.Span, row.Key, d, seen[row.Key])
				}
				seen[row.Key] = true
			}
		}
		r := usage.Range{From: at(t, "2026-10-20T00:00:00Z"), To: at(t, "2026-11-05T00:00:00Z"), Zone: loc}
		hours, err := r.Bounds(usage.ByHour)
		if err != nil || !slices.IsSortedFunc(hours, time.Time.Compare) {
			t.Fatalf("%s: %v", name, err)
		}
		keys := map[string]bool{}
		for _, row := range usage.Fold(usage.ByHour, nil, hours, r.To, loc, 0).Rows {
			if keys[row.Key] || row.Span.Ends.Sub(row.Span.Starts) > time.Hour {
				t.Errorf("%s: %s, %v", name, row.Key, row.Span)
			}
			keys[row.Key] = true
		}
	}
}

func TestTooManyPieces(t *testing.T) {
	t.Parallel()
	r := usage.Range{From: at(t, "2020-01-01T00:00:00Z"), To: at(t, "2026-01-01T00:00:00Z"), Zone: time.UTC}
	for _, by := range []usage.By{usage.ByDay, usage.ByHour} {
		if _, err := r.Bounds(by); !fault.Is(err, fault.Invalid) {
			t.Errorf("by %s: %v", by, err)
		}
	}
	if b, err := r.Bounds(usage.ByModel); err != nil || len(b) != 2 {
		t.Errorf("by model: %v, %v", b, err)
	}
}
