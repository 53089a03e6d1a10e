package usage

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// Row is a group as it is told.
type Row struct {
	Group

	// Span is the piece of time that it is of; zero unless grouped by time.
	Span Span
}

// Table are the rows of a summary.
type Table struct {
	Rows []Row

	// Left is how many groups are not told, Rest what they sum up to.
	Left int
	Rest Group

	All, Uncharged Sums // of everything
}

// Fold makes a table of groups. Pieces of time come in their order without gaps,
// all between bounds, but for empty ones that begin after now; all other groups
// come the dearest first, then those with most tokens, at most so many.
func Fold(by By, groups []Group, bounds []time.Time, now time.Time, zone *time.Location, most int) Table {
	var t Table
	t.All, t.Uncharged = Total(groups)
	if by.Timed() {
		t.Rows = pieces(by, groups, bounds, now, zone)
		return t
	}
	all := merged(groups)
	top := dearest(all, most)
	told := make(map[string]bool, len(top))
	for _, g := range top {
		t.Rows = append(t.Rows, Row{Group: *g})
		told[g.Key] = true
	}
	for i := range all {
		if g := &all[i]; !told[g.Key] {
			t.Left, t.Rest = t.Left+1, t.Rest.plus(*g)
		}
	}
	return t
}

// dearest are so many of the groups, in the order in which they are told. There
// may be 100 000 conversations, of which 50 are: so they are not sorted.
func dearest(all []Group, most int) (top []*Group) {
	for i := range all {
		g := &all[i]
		if len(top) == most && (most == 0 || dearer(top[most-1], g) < 0) {
			continue
		}
		at, _ := slices.BinarySearchFunc(top, g, dearer)
		top = slices.Insert(top, at, g)
		top = top[:min(len(top), most)]
	}
	return top
}

// merged has each key once.
func merged(groups []Group) []Group {
	at := make(map[string]int, len(groups))
	all := make([]Group, 0, len(groups))
	for i := range groups {
		g := &groups[i]
		if j, there := at[g.Key]; there {
			all[j] = all[j].plus(*g)
			continue
		}
		at[g.Key] = len(all)
		all = append(all, *g)
	}
	return all
}

func dearer(a, b *Group) int {
	return cmp.Or(cmp.Compare(b.All.MicroUSD, a.All.MicroUSD), cmp.Compare(b.All.Tokens.Total(), a.All.Tokens.Total()),
		cmp.Compare(b.All.Calls, a.All.Calls), cmp.Compare(a.Key, b.Key))
}

// pieces are the days or hours between bounds.
func pieces(by By, groups []Group, bounds []time.Time, now time.Time, zone *time.Location) []Row {
	rows := make([]Row, len(bounds)-1)
	for i := range rows {
		rows[i].Span = Span{bounds[i], bounds[i+1]}
		rows[i].Key = keyOf(by, bounds[i].In(zone))
	}
	for _, g := range groups {
		i := sort.Search(len(rows), func(i int) bool { return g.At.Before(rows[i].Span.Ends) })
		rows[i].Group = rows[i].plus(g)
	}
	for n := len(rows); n > 1 && rows[n-1].All == (Sums{}) && rows[n-1].Span.Starts.After(now); n-- {
		rows = rows[:n-1]
	}
	return rows
}

// keyOf names a day, or an hour with its distance from UTC: one that comes twice is
// told apart by it.
func keyOf(by By, at time.Time) string {
	if by == ByHour {
		return at.Format(time.RFC3339)
	}
	return at.Format(time.DateOnly)
}
