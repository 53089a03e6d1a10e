package when_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client/when"
)

// midMonth is a moment in a zone of its own.
func midMonth() time.Time {
	return time.Date(2026, 11, 23, 21, 0, 0, 0, time.FixedZone("", 3600))
}

func TestRead(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]when.Span{
		"": {}, "today": {"2026-11-23", "2026-11-23"}, "yesterday": {"2026-11-22", "2026-11-22"}, "7d": {"2026-11-17", ""}, "1D": {"2026-11-23", ""},
		"24h": {"2026-11-22T21:00:00+01:00", ""}, "this-month": {"2026-11-01", "2026-11-23"}, "Last-Month": {"2026-10-01", "2026-10-31"},
		"2026-11-05": {"2026-11-05", "2026-11-05"}, "2026-11-05T10:00:00Z": {"2026-11-05T10:00:00Z", "2026-11-05T10:00:00Z"},
	} {
		if got, err := when.Read("--from", word, midMonth()); err != nil || got != want {
			t.Errorf("%q: %v, %v", word, got, err)
		}
	}
	for _, word := range []string{"7", "d", "0d", "99999d", "7w", "2026-02-30", "tomorrow", "last month", "-1d"} {
		_, err := when.Read("--since", word, midMonth())
		if m, is := errors.AsType[*when.Mistake](err); !is || !strings.HasPrefix(m.Message, "--since ") || !strings.Contains(m.Hint, "yesterday") {
			t.Errorf("%q: %v", word, err)
		}
	}
	for on, want := range map[string]when.Span{"2026-03-31": {"2026-02-01", "2026-02-28"}, "2028-03-31": {"2028-02-01", "2028-02-29"}, "2026-01-01": {"2025-12-01", "2025-12-31"}} {
		at, err := time.Parse(time.DateOnly, on)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := when.Read("--from", "last-month", at); err != nil || got != want {
			t.Errorf("on %s: %v, %v", on, got, err)
		}
	}
}

// Every word that is offered is understood.
func TestWords(t *testing.T) {
	t.Parallel()
	for _, word := range when.Words {
		if got, err := when.Read("--from", word, midMonth()); err != nil || got.From == "" {
			t.Errorf("%q: %v, %v", word, got, err)
		}
	}
}

func TestRange(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		from, to string
		want     when.Span
		wrong    string
	}{
		{"", "", when.Span{}, ""},
		{"last-month", "", when.Span{From: "2026-10-01"}, ""},
		{"last-month", "last-month", when.Span{From: "2026-10-01", To: "2026-10-31"}, ""},
		{"", "yesterday", when.Span{To: "2026-11-22"}, ""},
		{"2026-11-24", "", when.Span{}, "lies in the future"},
		{"2026-11-23T23:00:00Z", "", when.Span{}, "lies in the future"},
		{"yesterday", "7d", when.Span{}, "--to cannot be a length of time"},
		{"soon", "", when.Span{}, `--from does not take "soon"`},
		{"", "soon", when.Span{}, `--to does not take "soon"`},
	} {
		got, err := when.Range(tc.from, tc.to, midMonth())
		if tc.wrong == "" {
			if err != nil || got != tc.want {
				t.Errorf("%q to %q: %v, %v", tc.from, tc.to, got, err)
			}
			continue
		}
		if _, is := errors.AsType[*when.Mistake](err); !is || !strings.Contains(err.Error(), tc.wrong) {
			t.Errorf("%q to %q: %v", tc.from, tc.to, err)
		}
	}
}
