package httpapi

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// Rows of a summary: as many as somebody looks through.
const (
	usualRows   = 50
	largestRows = 1000
)

// RangeIn is a range of time as all questions about usage have it. It is exported
// for Huma, which passes over embedded structs that are not.
type RangeIn struct {
	From     string `query:"from" doc:"Where the range begins: a date (2026-11-01), which is the beginning of that day, or a time (RFC 3339). Absent: the beginning of the account's month that to ends in."`
	To       string `query:"to" doc:"Where it ends: a date, which is the end of that day, or a time, which is not within. Absent: now; without from either, the range is the account's current month, in which its plan counts."`
	TimeZone string `query:"time_zone" doc:"The zone of dates and days, as the IANA database names it. Absent: that of one's profile, else UTC."`
}

type summaryIn struct {
	RangeIn
	By     string `query:"by" doc:"What to group by: day, hour, model, provider, conversation, member, key or kind. Default day."`
	Member string `query:"member" doc:"Only this member's, by the user's id or name. Owners and admins of an account see all members, others only themselves."`
	Limit  int    `query:"limit" doc:"How many rows at most, where they are no pieces of time; clamped to 1 to 1000. Default 50."`
}

// summaries are what a member may group by.
var summaries = []usage.By{usage.ByDay, usage.ByHour, usage.ByModel, usage.ByProvider, usage.ByConversation, usage.ByMember,
	usage.ByKey, usage.ByKind}

func (a *API) usageSummary(ctx context.Context, who caller, in *summaryIn) (wire.UsageSummary, error) {
	var none wire.UsageSummary
	by, err := groupedBy(in.By, usage.ByDay, summaries)
	if err != nil {
		return none, err
	}
	of, whole, err := a.whose(ctx, who, in.Member)
	if err != nil {
		return none, err
	}
	now := a.Now()
	r, period, err := a.rangeOf(ctx, who, in.RangeIn, now)
	if err != nil {
		return none, err
	}
	bounds, table, err := a.summed(ctx, of, by, r, now, pageSize(in.Limit, usualRows, largestRows))
	if err != nil {
		return none, err
	}
	out := wire.UsageSummary{From: bounds[0].UTC(), To: r.To.UTC(), TimeZone: r.Zone.String(), Now: now.UTC(), Period: period,
		WholeAccount: whole, By: string(by), All: sumsOut(table.All), Uncharged: sumsOut(table.Uncharged)}
	if out.Rows, err = a.rowsOut(ctx, readingOf(who), by, table.Rows); err != nil {
		return none, err
	}
	out.Left, out.Rest = restOut(table)
	if p, ok := usage.Project(r.From, r.To, now, table.All); ok {
		out.Projection = projectionOut(p)
	}
	out.Limits, err = a.limits(ctx, who, nil)
	return out, err
}

// groupedBy reads what to group by.
func groupedBy(text string, otherwise usage.By, may []usage.By) (usage.By, error) {
	by := usage.By(cmp.Or(text, string(otherwise)))
	if slices.Contains(may, by) {
		return by, nil
	}
	words := make([]string, len(may))
	for i, b := range may {
		words[i] = string(b)
	}
	last := len(words) - 1
	return "", invalid("by", "by must be "+strings.Join(words[:last], ", ")+" or "+words[last]+".")
}

// rangeOf reads the range, and says whether it is the account's current month.
func (a *API) rangeOf(ctx context.Context, who caller, in RangeIn, now time.Time) (usage.Range, bool, error) {
	zone, err := a.zoneOf(ctx, who, in.TimeZone)
	if err != nil {
		return usage.Range{}, false, err
	}
	anchor := 1
	if a.Limits != nil {
		if anchor, err = a.Limits.Anchor(ctx, who.Account); err != nil {
			return usage.Range{}, false, err
		}
	}
	return asked(in, zone, now, anchor).Range()
}

func asked(in RangeIn, zone *time.Location, now time.Time, anchor int) usage.Asked {
	return usage.Asked{From: in.From, To: in.To, Zone: zone, Now: now,
		Month: func(at time.Time) usage.Span { return quota.Month.Around(at, anchor) }}
}

// zoneOf is the zone that is asked for, else that of the caller's profile, else
// UTC.
func (a *API) zoneOf(ctx context.Context, who caller, text string) (*time.Location, error) {
	if text == "" && who.User != "" {
		u, err := a.Users.User(ctx, who.User)
		if err != nil {
			return nil, err
		}
		text = u.TimeZone
	}
	zone, err := time.LoadLocation(text)
	if err != nil || text == "Local" {
		return nil, invalid("time_zone", "time_zone must be a name of the IANA database, such as Europe/Zurich or UTC.")
	}
	return zone, nil
}

// summed asks for sums and makes a table of them.
func (a *API) summed(ctx context.Context, of usage.Whose, by usage.By, r usage.Range, now time.Time, most int) ([]time.Time, usage.Table, error) {
	bounds, err := r.Bounds(by)
	if err != nil {
		return nil, usage.Table{}, err
	}
	groups, err := a.Usage.Sums(ctx, of, by, bounds)
	if err != nil {
		return nil, usage.Table{}, err
	}
	return bounds, usage.Fold(by, groups, bounds, now, r.Zone, most), nil
}

// readingOf is the caller as a reader. The owner of a local server is its operator.
func readingOf(who caller) usage.Reading {
	return usage.Reading{Account: who.Account, User: who.User, Operator: who.Local}
}

// rowsOut names what rows are of, where it is still there.
func (a *API) rowsOut(ctx context.Context, to usage.Reading, by usage.By, rows []usage.Row) ([]wire.UsageRow, error) {
	ids := make([]string, len(rows))
	for i := range rows {
		ids[i] = rows[i].Key
	}
	titles, err := a.titlesOf(ctx, to, by, ids)
	out := make([]wire.UsageRow, len(rows))
	for i := range rows {
		out[i] = rowOut(&rows[i])
		out[i].Title = titles[rows[i].Key]
	}
	return out, err
}

func (a *API) titlesOf(ctx context.Context, to usage.Reading, by usage.By, ids []string) (map[string]string, error) {
	switch by {
	case usage.ByConversation:
		return a.Usage.Titles(ctx, to.Account, ids)
	case usage.ByMember:
		return a.Usage.Members(ctx, ids)
	case usage.ByAccount:
		return a.Usage.Accounts(ctx, ids)
	case usage.ByKey:
		return a.Usage.Keys(ctx, to, ids)
	}
	return nil, nil
}

func rowOut(r *usage.Row) wire.UsageRow {
	return wire.UsageRow{Key: r.Key, Starts: timeOut(r.Span.Starts), Ends: timeOut(r.Span.Ends),
		All: sumsOut(r.All), Uncharged: sumsOut(r.Uncharged)}
}

func restOut(t usage.Table) (int64, *wire.UsageRow) {
	if t.Left == 0 {
		return 0, nil
	}
	rest := rowOut(&usage.Row{Group: t.Rest})
	return int64(t.Left), &rest
}

func sumsOut(s usage.Sums) wire.UsageSums {
	return wire.UsageSums{
		Calls: s.Calls,
		Input: s.Tokens.Input, CachedRead: s.Tokens.CachedRead, CachedWrite: s.Tokens.CachedWrite,
		CachedWriteLong: s.Tokens.CachedWriteLong,
		Output:          s.Tokens.Output, Reasoning: s.Tokens.Reasoning, Tokens: s.Tokens.Total(),
		CostMicroUSD:   s.MicroUSD,
		EstimatedCalls: s.EstimatedCalls, EstimatedMicroUSD: s.EstimatedMicroUSD,
		UnpricedCalls: s.UnpricedCalls, FailedCalls: s.FailedCalls,
	}
}

func projectionOut(p usage.Projection) *wire.Projection {
	return &wire.Projection{ElapsedSeconds: int64(p.Elapsed / time.Second), LengthSeconds: int64(p.Length / time.Second),
		SoFarMicroUSD: p.SoFarMicroUSD, CostMicroUSD: p.MicroUSD, SoFarTokens: p.SoFarTokens, Tokens: p.Tokens, Text: p.Text}
}
