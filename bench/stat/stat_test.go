package stat_test

import (
	"testing"

	"github.com/aichat-term/aichat/bench/stat"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	samples := []int{5, 1, 4, 2, 3}
	for q, want := range map[float64]int{0: 1, 0.2: 1, 0.21: 2, 0.5: 3, 0.99: 5, 1: 5} {
		if got := stat.Quantile(samples, q); got != want {
			t.Errorf("Quantile(%v) = %d, want %d", q, got, want)
		}
	}
	if got := stat.Median[float64](nil); got != 0 {
		t.Errorf("the median of nothing is %v", got)
	}
	if samples[0] != 5 {
		t.Error("the samples were sorted in place")
	}
}
