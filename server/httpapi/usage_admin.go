package httpapi

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/usage"
)

type adminUsageIn struct {
	From     string `query:"from" doc:"Where the range begins: a date (2026-11-01), which is the beginning of that day, or a time (RFC 3339). Absent: the beginning of the calendar month that to ends in."`
	To       string `query:"to" doc:"Where it ends: a date, which is the end of that day, or a time, which is not within. Absent: now; without from either, the range is the current calendar month of UTC."`
	TimeZone string `query:"time_zone" doc:"The zone of dates and days, as the IANA database names it. Absent: UTC."`
	By       string `query:"by" doc:"What to group by: account, member, model, provider, key, kind, day or hour. Default account."`
	Limit    int    `query:"limit" doc:"How many rows at most, where they are no pieces of time; clamped to 1 to 1000. Default 50."`
}

// adminSummaries are what the operator may group by: not conversations, which are
// their accounts' own business.
var adminSummaries = []usage.By{usage.ByAccount, usage.ByMember, usage.ByModel, usage.ByProvider, usage.ByKey, usage.ByKind,
	usage.ByDay, usage.ByHour}

// adminErrors is how many kinds of errors are told.
const adminErrors = 20

func (a *API) adminUsage(ctx context.Context, _ caller, in *adminUsageIn) (wire.AdminUsage, error) {
	var none wire.AdminUsage
	by, err := groupedBy(in.By, usage.ByAccount, adminSummaries)
	if err != nil {
		return none, err
	}
	zone, err := a.zoneOf(ctx, caller{}, in.TimeZone)
	if err != nil {
		return none, err
	}
	now := a.Now()
	r, _, err := asked(RangeIn{From: in.From, To: in.To}, zone, now, 1).Range()
	if err != nil {
		return none, err
	}
	_, table, err := a.summed(ctx, usage.Whose{}, by, r, now, pageSize(in.Limit, usualRows, largestRows))
	if err != nil {
		return none, err
	}
	out := wire.AdminUsage{From: r.From.UTC(), To: r.To.UTC(), TimeZone: r.Zone.String(), Now: now.UTC(), By: string(by),
		All: sumsOut(table.All), Uncharged: sumsOut(table.Uncharged)}
	if out.Rows, err = a.rowsOut(ctx, usage.Reading{Operator: true}, by, table.Rows); err != nil {
		return none, err
	}
	out.Left, out.Rest = restOut(table)
	out.Errors, err = a.errorsOf(ctx, r.From, r.To)
	return out, err
}

// errorsOf counts why calls failed, most often first.
func (a *API) errorsOf(ctx context.Context, from, to time.Time) ([]wire.AdminUsageError, error) {
	endings, err := a.Usage.Outcomes(ctx, usage.Whose{}, from, to)
	of := map[wire.AdminUsageError]int64{}
	for _, e := range endings {
		if e.Outcome == usage.Failed {
			of[wire.AdminUsageError{Model: e.Model, Code: wire.Code(e.ErrorCode)}] += e.Calls
		}
	}
	all := make([]wire.AdminUsageError, 0, len(of))
	for e, n := range of {
		e.Calls = n
		all = append(all, e)
	}
	slices.SortFunc(all, func(x, y wire.AdminUsageError) int {
		return cmp.Or(cmp.Compare(y.Calls, x.Calls), cmp.Compare(x.Model, y.Model), cmp.Compare(x.Code, y.Code))
	})
	return all[:min(len(all), adminErrors)], err
}
