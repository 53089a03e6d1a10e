package quota

import "time"

// Period is for how long a limit counts.
type Period string

// The periods. A day is a day of UTC; a month begins at midnight UTC on the
// account's anchor day.
const (
	Day   Period = "day"
	Month Period = "month"
)

// Periods lists the periods.
func Periods() []Period { return []Period{Day, Month} }

// Span is the time from Starts (within) to Ends (without).
type Span struct{ Starts, Ends time.Time }

// Around is the period that holds at. anchor is the day of the month on which an
// account's months begin, 1 to 31: where a month has no such day, its last day
// stands for it, and the month after begins on the anchor again. An anchor out
// of that range counts as the nearest within.
func (p Period) Around(at time.Time, anchor int) Span {
	at = at.UTC()
	y, m, d := at.Date()
	if p == Day {
		return Span{date(y, m, d), date(y, m, d+1)}
	}
	anchor = min(max(anchor, 1), 31)
	if starts := anchored(y, m, anchor); !at.Before(starts) {
		return Span{starts, anchored(y, m+1, anchor)}
	}
	return Span{anchored(y, m-1, anchor), anchored(y, m, anchor)}
}

// anchored is the anchor day of a month, or its last.
func anchored(y int, m time.Month, anchor int) time.Time {
	last := date(y, m+1, 0).Day()
	return date(y, m, min(anchor, last))
}

// date is midnight UTC; months and days out of range are carried over.
func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
