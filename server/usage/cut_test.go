package usage_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

// What a cut gives is all of the time between the bounds, once; whole hours where
// no bound is within, and the rest.
func TestCut(t *testing.T) {
	t.Parallel()
	dice := rand.New(rand.NewPCG(1, 2))
	base := at(t, "2026-11-01T00:00:00Z")
	for range 2000 {
		bounds := []time.Time{base.Add(time.Duration(dice.IntN(300)) * time.Minute)}
		for range 1 + dice.IntN(5) {
			step := []int{1, 15, 30, 60, 90, 600}[dice.IntN(6)]
			bounds = append(bounds, bounds[len(bounds)-1].Add(time.Duration(step*(1+dice.IntN(3)))*time.Minute))
		}
		whole, edges := usage.Cut(bounds)
		in := func(spans []usage.Span, t time.Time) (n int) {
			for _, s := range spans {
				if !t.Before(s.Starts) && t.Before(s.Ends) {
					n++
				}
			}
			return n
		}
		for _, s := range whole {
			if !s.Starts.Equal(usage.Hour(s.Starts)) || !s.Ends.Equal(usage.Hour(s.Ends)) || !s.Starts.Before(s.Ends) {
				t.Fatalf("%v: whole %v", bounds, s)
			}
			for _, b := range bounds {
				if in([]usage.Span{s}, b) > 0 && !b.Equal(usage.Hour(b)) {
					t.Fatalf("%v: %v is cut by %v", bounds, s, b)
				}
			}
		}
		for _, s := range edges {
			for _, b := range bounds {
				if b.After(s.Starts) && b.Before(s.Ends) {
					t.Fatalf("%v: the edge %v is cut by %v", bounds, s, b)
				}
			}
		}
		last := bounds[len(bounds)-1]
		for at := bounds[0].Add(-time.Hour); at.Before(last.Add(time.Hour)); at = at.Add(time.Minute) {
			want := 0
			if !at.Before(bounds[0]) && at.Before(last) {
				want = 1
			}
			if n := in(whole, at) + in(edges, at); n != want {
				t.Fatalf("%v: %v is in %d spans, want %d", bounds, at, n, want)
			}
		}
	}
	day := []time.Time{base, base.AddDate(0, 0, 1), base.AddDate(0, 0, 2)}
	if whole, edges := usage.Cut(day); len(whole) != 1 || len(edges) != 0 {
		t.Errorf("days of UTC are %v and %v", whole, edges)
	}
}
