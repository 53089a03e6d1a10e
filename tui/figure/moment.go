package figure

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// Span writes a length of time in its two largest units: "40 s", "12 min", "3 h",
// "2 h 30 min", "7 d 17 h". What is less than a second is one.
func Span(d time.Duration) string {
	two := func(a int64, unit string, b int64, lesser string) string {
		if b == 0 {
			return fmt.Sprintf("%d %s", a, unit)
		}
		return fmt.Sprintf("%d %s %d %s", a, unit, b, lesser)
	}
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max((d+time.Second-1)/time.Second, 1))
	case d < time.Hour:
		return fmt.Sprintf("%d min", (d+time.Minute-1)/time.Minute)
	case d < day:
		m := int64((d + time.Minute - 1) / time.Minute)
		return two(m/60, "h", m%60, "min")
	}
	h := int64((d + time.Hour - 1) / time.Hour)
	if h >= 14*24 {
		return fmt.Sprintf("%d d", h/24)
	}
	return two(h/24, "d", h%24, "h")
}

// At names a moment to come in the zone of now: "14:05", "tomorrow at 01:00", "on
// 1 December at 01:00", with the year where it is another.
func At(t, now time.Time) string {
	t = t.In(now.Location())
	clock := t.Format("15:04")
	switch date(t) {
	case date(now):
		return "at " + clock
	case date(now.AddDate(0, 0, 1)):
		return "tomorrow at " + clock
	}
	if t.Year() != now.Year() {
		return t.Format("on 2 January 2006 at ") + clock
	}
	return t.Format("on 2 January at ") + clock
}

func date(t time.Time) string { return t.Format(time.DateOnly) }
