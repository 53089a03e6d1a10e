package main

import (
	"errors"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/when"
	"github.com/aichat-term/aichat/client/wire"
)

// rangeOptions say of which time, and of whom, usage is told.
type rangeOptions struct {
	from, to, zone, member string
}

// ranged reports whether a time was asked for, and not this period.
func (o rangeOptions) ranged() bool { return o.from != "" || o.to != "" }

func (o *rangeOptions) flags(f *pflag.FlagSet) {
	f.StringVar(&o.from, "from", "", "from the beginning of `WHEN` (default: of this period)")
	f.StringVar(&o.to, "to", "", "until the end of `WHEN` (default: now)")
	f.StringVar(&o.zone, "time-zone", "", "days are those of this `ZONE` (default: yours)")
	f.StringVar(&o.member, "member", "", "only what this `MEMBER` used, by name or id")
}

func (p *program) completeRange(cmd *cobra.Command) {
	for _, flag := range []string{"from", "to"} {
		p.completeFlag(cmd, flag, cobra.FixedCompletions(when.Words, cobra.ShellCompDirectiveNoFileComp))
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
	span, err := when.Range(o.from, o.to, now)
	if mistake, is := errors.AsType[*when.Mistake](err); is {
		return q, usage(mistake.Hint, "%s", oneLine(mistake.Message))
	}
	q.From, q.To = span.From, span.To
	return q, err
}

// inFlags tells a refusal of the server in the words of the flags.
func inFlags(err error, o rangeOptions) error {
	var refusal *client.Error
	if o.zone != "" && errors.As(err, &refusal) && refusal.Problem.Code == wire.InvalidRequest && refusal.Problem.Subject == "time_zone" {
		return usage("Use a name such as Europe/Berlin, Asia/Tokyo or UTC.", "--time-zone does not take %q.", oneLine(o.zone))
	}
	return err
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
