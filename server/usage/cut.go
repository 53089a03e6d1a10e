package usage

import "time"

// Span is the time from Starts (within) to Ends (without).
type Span struct{ Starts, Ends time.Time }

// Hour is the hour of UTC that sums are rolled up by.
func Hour(t time.Time) time.Time { return t.Truncate(time.Hour) }

// Cut takes the time between ascending bounds apart: into spans of whole hours of
// UTC, which sums of hours answer, and edges that only rows do, since a bound cuts
// their hour. No edge has a bound within, and no whole hour has one. Days of a zone
// that is half an hour from UTC have an edge at each midnight.
func Cut(bounds []time.Time) (whole, edges []Span) {
	edge := func(from, to time.Time) {
		if from.Before(to) {
			edges = append(edges, Span{from, to})
		}
	}
	for i := 1; i < len(bounds); i++ {
		from, to := bounds[i-1], bounds[i]
		first, last := Hour(from.Add(time.Hour-1)), Hour(to)
		if !first.Before(last) {
			edge(from, to)
			continue
		}
		edge(from, first)
		if n := len(whole); n > 0 && whole[n-1].Ends.Equal(first) {
			whole[n-1].Ends = last
		} else {
			whole = append(whole, Span{first, last})
		}
		edge(last, to)
	}
	return whole, edges
}
