package usage

import (
	"fmt"
	"math/bits"
	"time"
)

// Projection is what a range will have used at its end, if it goes on as it did.
type Projection struct {
	Elapsed, Length time.Duration // whole seconds

	SoFarMicroUSD, MicroUSD int64
	SoFarTokens, Tokens     int64

	Text string // the arithmetic
}

// soonest is when something can be said of the future: the first hours of a month
// say nothing.
const soonest = 24 * time.Hour

// Project says what will have been used at the end of a range, of which all is what
// has been used until now: that × length / elapsed, rounded up. False where the
// range is over, has not begun, or has gone on for less than a day.
func Project(from, to, now time.Time, all Sums) (p Projection, ok bool) {
	p.Elapsed, p.Length = now.Sub(from).Truncate(time.Second), to.Sub(from).Truncate(time.Second)
	if p.Elapsed < soonest || !now.Before(to) {
		return Projection{}, false
	}
	p.SoFarMicroUSD, p.SoFarTokens = all.MicroUSD, all.Tokens.Total()
	p.MicroUSD = share(p.SoFarMicroUSD, p.Length, p.Elapsed)
	p.Tokens = share(p.SoFarTokens, p.Length, p.Elapsed)
	p.Text = fmt.Sprintf("%s in %s of %s days: at this pace %s by the end (%s × %s / %s)",
		Dollars(p.SoFarMicroUSD), days(p.Elapsed), days(p.Length), Dollars(p.MicroUSD),
		Dollars(p.SoFarMicroUSD), days(p.Length), days(p.Elapsed))
	return p, true
}

// share is n × of / part, rounded up; 0 where it would be beyond an int64.
func share(n int64, of, part time.Duration) int64 {
	if n <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(n), uint64(of/time.Second))
	by := uint64(part / time.Second)
	if hi >= by {
		return 0
	}
	q, rest := bits.Div64(hi, lo, by)
	if rest > 0 {
		q++
	}
	if q > 1<<62 {
		return 0
	}
	return int64(q)
}

// days is a length of time in days, with one digit of a day.
func days(d time.Duration) string {
	tenths := (int64(d/time.Second)*10 + 43_200) / 86_400
	if tenths%10 == 0 {
		return fmt.Sprint(tenths / 10)
	}
	return fmt.Sprintf("%d.%d", tenths/10, tenths%10)
}
