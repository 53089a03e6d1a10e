package when

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Words are the moments that have names, and examples of those that are counted.
var Words = []string{"today", "yesterday", "7d", "30d", "this-month", "last-month"}

// Forms says what may be typed.
const Forms = "a date as 2026-11-01, a time as 2026-11-01T15:00:00Z, or 7d, 24h, today, yesterday, this-month, last-month"

// Span is what a word means, as the API writes it: dates, which are whole days, or
// times (RFC 3339). Empty: no bound.
type Span struct{ From, To string }

// Mistake is a word that cannot be understood, or a range that cannot be.
type Mistake struct {
	Message string // what is wrong, with the flag's name
	Hint    string // what to type instead
}

func (m *Mistake) Error() string { return m.Message + " " + m.Hint }

// Range is from the beginning of what one word means to the end of what another
// does, for the flags --from and --to. Either may be empty: from is then left to the
// server, and to is now. The days are those of now's zone. Its error is a *Mistake.
func Range(from, to string, now time.Time) (Span, error) {
	begins, err := Read("--from", from, now)
	if err != nil {
		return Span{}, err
	}
	if to == "" {
		return Span{From: begins.From}, notToCome(begins.From, now)
	}
	ends, err := Read("--to", to, now)
	if err == nil && ends.To == "" {
		err = &Mistake{fmt.Sprintf("--to cannot be a length of time: %q.", to), "Use a date, or today or yesterday."}
	}
	return Span{From: begins.From, To: ends.To}, err
}

// notToCome refuses a beginning after now, where the range is to end now.
func notToCome(from string, now time.Time) error {
	at, err := time.ParseInLocation(time.DateOnly, from, now.Location())
	if err != nil {
		at, _ = time.Parse(time.RFC3339, from) // what is not said is long past
	}
	if !at.After(now) {
		return nil
	}
	return &Mistake{"--from " + from + " lies in the future: nothing was used since.", "Use a day that has begun."}
}

var length = regexp.MustCompile(`^([1-9][0-9]{0,3})([dh])$`)

// Read is what one word means, in any case. A length of time has no end, and the
// empty word neither bound. Its error is a *Mistake, in which flag is named.
func Read(flag, word string, now time.Time) (Span, error) {
	day := func(days int) string { return now.AddDate(0, 0, days).Format(time.DateOnly) }
	first := 1 - now.Day() // of the month
	switch strings.ToLower(word) {
	case "":
		return Span{}, nil
	case "today":
		return Span{day(0), day(0)}, nil
	case "yesterday":
		return Span{day(-1), day(-1)}, nil
	case "this-month":
		return Span{day(first), day(0)}, nil
	case "last-month":
		return Span{now.AddDate(0, -1, first).Format(time.DateOnly), day(first - 1)}, nil
	}
	if m := length.FindStringSubmatch(strings.ToLower(word)); m != nil {
		n, _ := strconv.Atoi(m[1]) // four digits
		if m[2] == "h" {
			return Span{From: now.Add(time.Duration(-n) * time.Hour).Format(time.RFC3339)}, nil
		}
		return Span{From: day(1 - n)}, nil // today is one of them
	}
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if _, err := time.Parse(layout, word); err == nil {
			return Span{word, word}, nil
		}
	}
	return Span{}, &Mistake{fmt.Sprintf("%s does not take %q.", flag, word), "Use " + Forms + "."}
}
