package usage

import (
	"sort"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// Range is the time from From (within) to To (without), whose days are those of
// Zone.
type Range struct {
	From, To time.Time
	Zone     *time.Location
}

// Asked is a range in somebody's words.
type Asked struct {
	// From and To are dates (2026-11-01), which are days of the zone and within, or
	// times (RFC 3339), of which To is without. See Range.
	From, To string

	Zone *time.Location
	Now  time.Time

	// Month is the month of the account that holds a moment.
	Month func(time.Time) Span
}

// Range is the range that is asked for, and whether it is the account's current
// month. Without From it begins with the account's month that To ends in, without
// To it ends now; without both it is the current month. Invalid, with "from" or
// "to" as the Subject, for what is no time, and where it ends before it begins.
func (a Asked) Range() (r Range, month bool, err error) {
	r.Zone = a.Zone
	if a.From == "" && a.To == "" {
		m := a.Month(a.Now)
		return Range{m.Starts, m.Ends, a.Zone}, true, nil
	}
	if r.From, r.To, err = a.Moments(); err != nil {
		return r, false, err
	}
	if r.To.IsZero() {
		r.To = a.Now
	}
	if r.From.IsZero() {
		r.From = a.Month(r.To.Add(-1)).Starts
	}
	if !r.From.Before(r.To) {
		return r, false, errBackwards
	}
	now := a.Month(a.Now)
	return r, r.From.Equal(now.Starts) && r.To.Equal(now.Ends), nil
}

var errBackwards = fault.Field("to", "The range ends before it begins: to must be after from.")

// Moments are From and To alone; zero where they are not said.
func (a Asked) Moments() (from, to time.Time, err error) {
	if a.From != "" {
		if from, err = a.moment("from", a.From, 0); err != nil {
			return from, to, err
		}
	}
	if a.To != "" {
		if to, err = a.moment("to", a.To, 1); err != nil {
			return from, to, err
		}
		if !from.Before(to) {
			err = errBackwards
		}
	}
	return from, to, err
}

// moment reads a time, or the beginning of the day that comes some days after a
// date.
func (a Asked) moment(what, text string, after int) (time.Time, error) {
	text = strings.TrimSpace(text)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		var day time.Time
		if day, err = time.Parse(time.DateOnly, text); err == nil {
			t = dayStart(day.Year(), day.Month(), day.Day()+after, a.Zone)
		}
	}
	if err != nil || t.Year() < 1970 || t.Year() > 9998 {
		return time.Time{}, fault.Field(what, "%s must be a date such as 2026-11-01, or a time such as 2026-11-01T09:00:00Z.", what)
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// Most pieces that a range is told in: more than a year of days, and a month of
// hours.
const (
	mostDays  = 400
	mostHours = 32 * 24
)

// Bounds are the moments that the range's groups begin at, and its end. Invalid
// where these are too many.
func (r Range) Bounds(by By) ([]time.Time, error) {
	switch by {
	case ByDay:
		if r.To.Sub(r.From) > mostDays*24*time.Hour {
			return nil, fault.Field("by", "By the day at most %d days can be told at once.", mostDays)
		}
		return r.bounds(r.nextDay), nil
	case ByHour:
		if r.To.Sub(r.From) > mostHours*time.Hour {
			return nil, fault.Field("by", "By the hour at most %d days can be told at once.", mostHours/24)
		}
		return r.bounds(r.nextHour), nil
	}
	return []time.Time{r.From, r.To}, nil
}

func (r Range) bounds(next func(time.Time) time.Time) []time.Time {
	all := []time.Time{r.From}
	for t := next(r.From); t.Before(r.To); t = next(t) {
		all = append(all, t)
	}
	return append(all, r.To)
}

func (r Range) nextDay(t time.Time) time.Time {
	y, m, d := t.In(r.Zone).Date()
	return dayStart(y, m, d+1, r.Zone)
}

// nextHour is the next moment at which the zone's clocks show a full hour. Those
// that are put forward or back show one at most an hour later.
func (r Range) nextHour(t time.Time) time.Time {
	local := t.In(r.Zone)
	into := time.Duration(local.Minute())*time.Minute + time.Duration(local.Second())*time.Second + time.Duration(local.Nanosecond())
	return t.Add(time.Hour - into)
}

// dayStart is the first moment of a day of the zone. That is not always midnight:
// where clocks are put forward then, the day begins at one, and where they are put
// back, it has two midnights.
func dayStart(y int, m time.Month, d int, zone *time.Location) time.Time {
	const around = 26 * 60 * 60 // seconds: no zone is further from UTC
	there := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	want := there.Format(time.DateOnly)
	from := there.Unix() - around
	s := sort.Search(2*around, func(s int) bool {
		return time.Unix(from+int64(s), 0).In(zone).Format(time.DateOnly) >= want
	})
	return time.Unix(from+int64(s), 0).UTC()
}
