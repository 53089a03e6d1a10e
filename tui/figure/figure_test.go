package figure_test

import (
	"math"
	"testing"
	"time"

	"github.com/aichat-term/aichat/tui/figure"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	for name, c := range map[string][2]string{
		"few tokens":       {figure.Count(9_999), "9999"},
		"thousands":        {figure.Count(12_345), "12.3k"},
		"whole thousands":  {figure.Count(12_000), "12k"},
		"millions":         {figure.Count(1_500_000), "1.5M"},
		"no money":         {figure.Money(0), "$0"},
		"little money":     {figure.Money(1500), "$0.0015"},
		"cents":            {figure.Money(250_000), "$0.25"},
		"dollars":          {figure.Money(12_345_678), "$12.35"},
		"exact":            {figure.Exact(1_234_567_890), "$1,234.56789"},
		"exact, two":       {figure.Exact(1_000_000), "$1.00"},
		"exact, one":       {figure.Exact(1), "$0.000001"},
		"exact, less":      {figure.Exact(-1_500_000), "-$1.50"},
		"grouped":          {figure.Grouped(1_234_567), "1,234,567"},
		"grouped, few":     {figure.Grouped(123), "123"},
		"grouped, less":    {figure.Grouped(-123_456), "-123,456"},
		"a second":         {figure.Span(0), "1 s"},
		"seconds":          {figure.Span(39*time.Second + 1), "40 s"},
		"minutes":          {figure.Span(11*time.Minute + time.Second), "12 min"},
		"hours":            {figure.Span(3 * time.Hour), "3 h"},
		"hours, minutes":   {figure.Span(150 * time.Minute), "2 h 30 min"},
		"days":             {figure.Span(7*24*time.Hour + 17*time.Hour), "7 d 17 h"},
		"many days":        {figure.Span(20*24*time.Hour + 17*time.Hour), "20 d"},
		"nearly two hours": {figure.Span(2*time.Hour - time.Second), "2 h"},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, not %q", name, c[0], c[1])
		}
	}
}

func TestPercent(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int64{{0, 0, 0}, {1, 0, 0}, {-1, 5, 0}, {99, 100, 99}, {999, 1000, 99}, {100, 100, 100}, {150, 100, 150},
		{math.MaxInt64, math.MaxInt64, 100}, {math.MaxInt64, 1, math.MaxInt64}} {
		if got := figure.Percent(c[0], c[1]); got != c[2] {
			t.Errorf("%d of %d: %d, not %d", c[0], c[1], got, c[2])
		}
	}
}

func TestAt(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 12, 30, 22, 30, 0, 0, time.FixedZone("", 3600))
	for after, want := range map[time.Duration]string{
		time.Hour:      "at 23:30",
		2 * time.Hour:  "tomorrow at 00:30",
		26 * time.Hour: "on 1 January 2027 at 00:30",
	} {
		if got := figure.At(now.Add(after).UTC(), now); got != want {
			t.Errorf("after %v: %q, not %q", after, got, want)
		}
	}
	if got := figure.At(now, now.AddDate(0, 0, -3)); got != "on 30 December at 22:30" {
		t.Error(got)
	}
}
