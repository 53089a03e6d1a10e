package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/aichat-term/aichat/client/when"
	"github.com/aichat-term/aichat/client/wire"
)

func newUsage(s *settings) *cobra.Command {
	var q usageQuestion
	cmd := &cobra.Command{
		Use: "usage", Short: "Show what all accounts have used", Args: wrongArgs(cobra.NoArgs),
		Long: `usage sums up what all accounts have used: of this calendar month, or of the
range from --from to --to, which take a date (2026-11-01), a time
(2026-11-01T15:00:00Z), 7d, 24h, today, yesterday, this-month or last-month. A
date is a whole day, so that the same one twice is that day. Without --to the
range ends now.

Sums come from the ledger, to the micro-dollar. UNCHARGED is what of the cost
counts against no limit, such as calls with a user's own key.`,
		Example: `  aichat-server usage
  aichat-server usage --by model --from last-month --to last-month
  aichat-server usage --by key --csv > keys.csv`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			values, err := q.values(time.Now())
			if err != nil {
				return &usageError{err}
			}
			return s.withOperator(cmd, func(o *operator) error { return o.usage(cmd, &q, values) })
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&q.from, "from", "", "from the beginning of `WHEN` (default: of this month)")
	f.StringVar(&q.to, "to", "", "until the end of `WHEN` (default: now)")
	f.StringVar(&q.by, "by", wire.ByAccount, "group by `WHAT`: "+orList(groupings))
	f.StringVar(&q.zone, "time-zone", "UTC", "the `ZONE` of days, such as Europe/Zurich")
	f.IntVar(&q.limit, "limit", 50, "the dearest `N` rows, up to 1000; days and hours are all told")
	f.BoolVar(&q.asJSON, "json", false, "print the summary as JSON")
	f.BoolVar(&q.asCSV, "csv", false, "print the rows as CSV, costs in micro-dollars")
	cmd.AddCommand(newUsageCheck(s), newUsageRebuild(s))
	return cmd
}

// usageQuestion is what somebody wants to know.
type usageQuestion struct {
	from, to, by, zone string
	limit              int
	asJSON, asCSV      bool
}

// groupings are what usage can be grouped by.
var groupings = []string{wire.ByAccount, wire.ByMember, wire.ByModel, wire.ByProvider, wire.ByKey, wire.ByKind, wire.ByDay, wire.ByHour}

// values is the question as the server is asked it.
func (q *usageQuestion) values(now time.Time) (url.Values, error) {
	if q.asJSON && q.asCSV {
		return nil, errors.New("choose one of --json and --csv")
	}
	if err := errors.Join(checkWord("--by", q.by, groupings), checkLimit(q.limit)); err != nil {
		return nil, err
	}
	zone, err := time.LoadLocation(q.zone)
	if err != nil || q.zone == "Local" || q.zone == "" {
		return nil, fmt.Errorf("--time-zone does not take %q: use a name such as Europe/Berlin, Asia/Tokyo or UTC", q.zone)
	}
	span, err := when.Range(q.from, q.to, now.In(zone))
	v := url.Values{"by": {q.by}, "time_zone": {q.zone}, "limit": {strconv.Itoa(q.limit)}}
	for name, value := range map[string]string{"from": span.From, "to": span.To} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v, err
}

func (o *operator) usage(cmd *cobra.Command, q *usageQuestion, asked url.Values) error {
	var sum wire.AdminUsage
	if err := o.call(cmd.Context(), http.MethodGet, wire.PathAdminUsage, asked, nil, &sum); err != nil {
		return err
	}
	switch {
	case q.asJSON:
		return printJSON(cmd.OutOrStdout(), sum)
	case q.asCSV:
		return printUsageCSV(cmd.OutOrStdout(), &sum)
	}
	if sum.All.Calls == 0 {
		note(cmd, "Nothing was used "+rangeText(&sum)+".")
		return nil
	}
	note(cmd, "Used "+rangeText(&sum)+", by "+sum.By+":")
	if err := printTable(cmd.OutOrStdout(), usageTable(&sum)); err != nil {
		return err
	}
	if n := sum.All.UnpricedCalls; n > 0 {
		note(cmd, fmt.Sprintf("? %d of the calls went to models whose price is not known: they are in the tokens, not in the cost. Prices: aichat-server models", n))
	}
	if len(sum.Errors) == 0 {
		return nil
	}
	return printUsageErrors(cmd.OutOrStdout(), sum.Errors)
}

// rangeText says of when a summary is. A range of whole days is told by its days.
func rangeText(sum *wire.AdminUsage) string {
	zone, err := time.LoadLocation(sum.TimeZone)
	if err != nil {
		zone = time.UTC
	}
	from, to := sum.From.In(zone), sum.To.In(zone)
	layout := time.DateOnly
	if midnight(from) && midnight(to) {
		to = to.AddDate(0, 0, -1)
	} else {
		layout = "2006-01-02 15:04"
	}
	text := "from " + from.Format(layout) + " to " + to.Format(layout)
	if from.Format(layout) == to.Format(layout) {
		text = "on " + from.Format(layout)
	}
	return text + " (" + sum.TimeZone + ")"
}

func midnight(t time.Time) bool {
	return t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 && t.Nanosecond() == 0
}

// widestKey is how much of a row's name is shown, in characters: the table fits
// a terminal of 80 columns with it.
const widestKey = 26

// usageTable are the rows, what is left of them, and their total.
func usageTable(sum *wire.AdminUsage) [][]string {
	rows := [][]string{{headOf(sum.By), "CALLS", "FAILED", "TOKENS", "COST", "UNCHARGED"}}
	add := func(name string, r *wire.UsageRow) {
		rows = append(rows, []string{cut(name, widestKey), strconv.FormatInt(r.All.Calls, 10), strconv.FormatInt(r.All.FailedCalls, 10),
			shortNumber(r.All.Tokens), costOf(&r.All), costOf(&r.Uncharged)})
	}
	for i := range sum.Rows {
		r := &sum.Rows[i]
		if r.Starts != nil && r.All.Calls == 0 {
			continue // days without any are for charts
		}
		add(rowName(r), r)
	}
	if sum.Rest != nil {
		add(fmt.Sprintf("(%d more)", sum.Left), sum.Rest)
	}
	add("total", &wire.UsageRow{All: sum.All, Uncharged: sum.Uncharged})
	return rows
}

// rowName is a row for people: by its title where it has one.
func rowName(r *wire.UsageRow) string {
	switch {
	case r.Title != "":
		return r.Title
	case r.Key == "":
		return "(none)"
	}
	return r.Key
}

func printUsageErrors(w io.Writer, errs []wire.AdminUsageError) error {
	rows := [][]string{{"FAILED", "CODE", "MODEL"}}
	for _, e := range errs {
		rows = append(rows, []string{strconv.FormatInt(e.Calls, 10), string(e.Code), cut(e.Model, 40)})
	}
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	return printTable(w, rows)
}
