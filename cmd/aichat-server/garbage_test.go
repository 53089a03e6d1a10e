package main

import "testing"

func TestGarbageGoal(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		live uint64
		want int
	}{
		{0, 400},
		{1 << 20, 400},
		{8 << 20, 200},
		{20 << 20, 75},
		{64 << 20, garbagePercent},
		{1 << 40, garbagePercent},
	} {
		if got := goal(tc.live); got != tc.want {
			t.Errorf("goal(%d) = %d, want %d", tc.live, got, tc.want)
		}
	}
}
