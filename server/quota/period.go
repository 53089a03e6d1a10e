package quota

import (
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

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

// Around is the period that holds at. anchor is the day of the month on which an
// account's months begin, 1 to 31: where a month has no such day, its last day
// stands for it, and the month after begins on the anchor again. An anchor out
// of that range counts as the nearest within.
func (p Period) Around(at time.Time, anchor int) usage.Span {
	at = at.UTC()
	y, m, d := at.Date()
	if p == Day {
		return usage.Span{Starts: date(y, m, d), Ends: date(y, m, d+1)}
	}
	anchor = min(max(anchor, 1), 31)
	if starts := anchored(y, m, anchor); !at.Before(starts) {
		return usage.Span{Starts: starts, Ends: anchored(y, m+1, anchor)}
	}
	return usage.Span{Starts: anchored(y, m-1, anchor), Ends: anchored(y, m, anchor)}
}

// anchored is the anchor day of a month, or its last.
func anchored(y int, m time.Month, anchor int) time.Time {
	last := date(y, m+1, 0).Day()
	return date(y, m, min(anchor, last))
}

// date is midnight UTC; months and days out of range are carried over.
func date(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }
