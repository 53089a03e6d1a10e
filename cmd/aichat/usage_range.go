package main

import (
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/wire"
)

// rangeOptions say of which time, and of whom, usage is told.
type rangeOptions struct {
	from, to, zone, member string
}

// rangeWords are the moments that have names.
var rangeWords = []string{"today", "yesterday", "7d", "30d", "this-month", "last-month"}

func (o *rangeOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.from, "from", "", "from the beginning of `WHEN` (default: of this period)")
	f.StringVar(&o.to, "to", "", "until the end of `WHEN` (default: now)")
	f.StringVar(&o.zone, "time-zone", "", "days are those of this `ZONE` (default: yours)")
	f.StringVar(&o.member, "member", "", "only what the member of this `ID` used")
}

func (p *program) completeRange(cmd *cobra.Command) {
	for _, flag := range []string{"from", "to"} {
		p.completeFlag(cmd, flag, cobra.FixedCompletions(rangeWords, cobra.ShellCompDirectiveNoFileComp))
	}
}

// usageQuery is what was asked for, in the server's terms.
func (p *program) usageQuery(o rangeOptions) (client.UsageQuery, error) {
	q := client.UsageQuery{TimeZone: o.zone, Member: o.member}
	if q.TimeZone == "" {
		q.TimeZone = p.env.zone()
	}
	now := p.now()
	if at, err := time.LoadLocation(q.TimeZone); err == nil && q.TimeZone != "" {
		now = now.In(at)
	}
	var err error
	if q.From, _, err = when("--from", o.from, now); err != nil {
		return q, err
	}
	if o.to == "" {
		return q, notToCome(q.From, now)
	}
	if _, q.To, err = when("--to", o.to, now); err == nil && q.To == "" {
		err = usage("Use a date, or today or yesterday.", "--to cannot be a length of time: %q.", oneLine(o.to))
	}
	return q, err
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
	return usage("Use a day that has begun.", "--from %s lies in the future: nothing was used since.", from)
}

// inFlags tells a refusal of the server in the words of the flags.
func inFlags(err error, o rangeOptions) error {
	var refusal *client.Error
	if o.zone != "" && errors.As(err, &refusal) && refusal.Problem.Code == wire.InvalidRequest && refusal.Problem.Subject == "time_zone" {
		return usage("Use a name such as Europe/Berlin, Asia/Tokyo or UTC.", "--time-zone does not take %q.", oneLine(o.zone))
	}
	return err
}

var length = regexp.MustCompile(`^([1-9][0-9]{0,3})([dh])$`)

// when is the beginning of what a word means, and its end: dates are whole days. A
// length has no end, and the empty word neither.
func when(flag, word string, now time.Time) (from, to string, err error) {
	day := func(t time.Time) string { return t.Format(time.DateOnly) }
	first := now.AddDate(0, 0, 1-now.Day())
	switch strings.ToLower(word) {
	case "":
		return "", "", nil
	case "today":
		return day(now), day(now), nil
	case "yesterday":
		return day(now.AddDate(0, 0, -1)), day(now.AddDate(0, 0, -1)), nil
	case "this-month":
		return day(first), day(now), nil
	case "last-month":
		return day(first.AddDate(0, -1, 0)), day(first.AddDate(0, 0, -1)), nil
	}
	if m := length.FindStringSubmatch(word); m != nil {
		n, _ := strconv.Atoi(m[1]) // four digits
		if m[2] == "h" {
			return now.Add(time.Duration(-n) * time.Hour).Format(time.RFC3339), "", nil
		}
		return day(now.AddDate(0, 0, 1-n)), "", nil // today is one of them
	}
	if _, err := time.Parse(time.DateOnly, word); err == nil {
		return word, word, nil
	}
	if _, err := time.Parse(time.RFC3339, word); err == nil {
		return word, word, nil
	}
	return "", "", usage("Use a date as 2026-11-01, a time as 2026-11-01T15:00:00Z, or 7d, 24h, today, yesterday, this-month, last-month.",
		"%s does not take %q.", flag, oneLine(word))
}

// zone is the IANA name of the person's time zone, as TZ or the system says; empty
// where neither does.
func (e environment) zone() string {
	name, set := e("TZ")
	if name = strings.TrimPrefix(name, ":"); !set || name == "" {
		link, err := os.Readlink("/etc/localtime")
		if err != nil {
			return ""
		}
		name = link
	}
	if _, after, found := strings.Cut(name, "zoneinfo/"); found {
		name = after
	}
	if _, err := time.LoadLocation(name); err != nil || name == "Local" {
		return ""
	}
	return name
}
