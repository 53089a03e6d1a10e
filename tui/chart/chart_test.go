package chart_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/tui/chart"
)

func TestBar(t *testing.T) {
	t.Parallel()
	u, a := chart.Unicode(), chart.ASCII()
	for name, c := range map[string][2]string{
		"nothing":           {u.Bar(0, 10, 8), ""},
		"of nothing":        {u.Bar(3, 0, 8), ""},
		"less than nothing": {u.Bar(-3, 10, 8), ""},
		"half":              {u.Bar(5, 10, 8), "████"},
		"an eighth":         {u.Bar(1, 64, 8), "▏"},
		"hardly anything":   {u.Bar(1, math.MaxInt64, 8), "▏"},
		"in parts":          {u.Bar(11, 64, 8), "█▍"},
		"all":               {u.Bar(10, 10, 3), "███"},
		"more than all":     {u.Bar(99, 10, 3), "███"},
		"no room":           {u.Bar(10, 10, 0), ""},
		"nearly all":        {u.Bar(math.MaxInt64-1, math.MaxInt64, 2), "██"},
		"the track":         {u.Track(11, 64, 8), "░░░░░░"},
		"a whole track":     {u.Track(0, 64, 3), "░░░"},
		"no track":          {u.Track(64, 64, 3), ""},
		"ASCII":             {a.Bar(5, 10, 8), "####"},
		"ASCII, hardly":     {a.Bar(1, 1000, 8), "#"},
		"ASCII, the track":  {a.Track(1, 1000, 4), "..."},
	} {
		if c[0] != c[1] {
			t.Errorf("%s: %q, not %q", name, c[0], c[1])
		}
	}
}

func TestSpark(t *testing.T) {
	t.Parallel()
	numbers := []int64{0, 1, 2, 3, 4, 5, 6, 7, 8, -1, 100, math.MaxInt64 / 2}
	if got := chart.Unicode().Spark(numbers[:10]); got != "·▁▂▃▄▅▆▇█·" {
		t.Error(got)
	}
	if got := chart.ASCII().Spark(numbers[:10]); got != "._-=+*%#@." {
		t.Error(got)
	}
	if got := chart.Unicode().Spark(numbers); got != "·▁▁▁▁▁▁▁▁·▁█" {
		t.Error(got)
	}
	if got := chart.Unicode().Spark(nil); got != "" {
		t.Error(got)
	}
}

func TestColumns(t *testing.T) {
	t.Parallel()
	got := chart.Unicode().Columns([]int64{0, 1, 8, 16}, 2, 2, 1)
	if want := []string{"         ██", "   ▁▁ ██ ██"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	got = chart.ASCII().Columns([]int64{0, 1, 2}, 2, 1, 0)
	if want := []string{"  #", " ##"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, row := range chart.ASCII().Columns(nil, 3, 2, 1) {
		if row != "" {
			t.Errorf("nothing is drawn as %q", row)
		}
	}
}

func TestFold(t *testing.T) {
	t.Parallel()
	folded, size := chart.Fold([]int64{1, 2, 3, 4, 5}, 2)
	if !slices.Equal(folded, []int64{6, 9}) || size != 3 {
		t.Errorf("%v, %d", folded, size)
	}
	if folded, size := chart.Fold([]int64{1, 2}, 5); !slices.Equal(folded, []int64{1, 2}) || size != 1 {
		t.Errorf("%v, %d", folded, size)
	}
	if folded, _ := chart.Fold(nil, 5); len(folded) != 0 {
		t.Errorf("%v", folded)
	}
}

// Bar and track are always as wide as was asked together.
func TestBarAndTrackFill(t *testing.T) {
	t.Parallel()
	for _, s := range []chart.Set{chart.Unicode(), chart.ASCII()} {
		for n := range int64(40) {
			drawn := s.Bar(n, 33, 7) + s.Track(n, 33, 7)
			if cells := len([]rune(drawn)); cells != 7 || strings.ContainsAny(drawn, " \n") {
				t.Errorf("%d of 33: %q", n, drawn)
			}
		}
	}
}
