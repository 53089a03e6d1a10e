// Package stat summarises samples for the benchmarks. It imports the standard
// library only.
package stat

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Quantile is the smallest sample that at least the share q of all samples does
// not exceed (nearest rank): 0.5 is the median, 1 the greatest. It is zero where
// there are no samples. The samples are left as they are.
func Quantile[T cmp.Ordered](samples []T, q float64) T {
	if len(samples) == 0 {
		var zero T
		return zero
	}
	sorted := slices.Sorted(slices.Values(samples))
	rank := int(math.Ceil(q * float64(len(sorted))))
	return sorted[min(max(rank, 1), len(sorted))-1]
}

// Median is Quantile at one half.
func Median[T cmp.Ordered](samples []T) T { return Quantile(samples, 0.5) }

// Millis is a duration in milliseconds.
func Millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
