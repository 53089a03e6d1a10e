package httpapi

import (
	"context"
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// mostMeasured is of how many answers, the newest, times are taken.
const mostMeasured = 20_000

type qualityIn struct {
	RangeIn
	Member string `query:"member" doc:"Only this member's, by the user's id or name. Owners and admins of an account see all members, others only themselves."`
}

func (a *API) usageModels(ctx context.Context, who caller, in *qualityIn) (wire.QualityReport, error) {
	var none wire.QualityReport
	of, whole, err := a.whose(ctx, who, in.Member)
	if err != nil {
		return none, err
	}
	r, _, err := a.rangeOf(ctx, who, in.RangeIn, a.Now())
	if err != nil {
		return none, err
	}
	endings, err := a.Usage.Outcomes(ctx, of, r.From, r.To)
	if err != nil {
		return none, err
	}
	took, err := a.Usage.Latencies(ctx, of, r.From, r.To, mostMeasured)
	if err != nil {
		return none, err
	}
	rated, err := a.Usage.Rated(ctx, of, r.From, r.To)
	if err != nil {
		return none, err
	}
	_, costs, err := a.summed(ctx, of, usage.ByModel, r, a.Now(), largestRows)
	if err != nil {
		return none, err
	}
	unpriced := map[string]int64{}
	for _, row := range costs.Rows {
		unpriced[row.Key] = row.All.UnpricedCalls
	}
	all := usage.Qualities(endings, took, rated)
	out := wire.QualityReport{From: r.From.UTC(), To: r.To.UTC(), TimeZone: r.Zone.String(), WholeAccount: whole,
		Models: make([]wire.ModelQuality, len(all))}
	for i := range all {
		out.Models[i] = qualityOut(&all[i])
		out.Models[i].UnpricedCalls = unpriced[all[i].Model]
	}
	return out, nil
}

func qualityOut(q *usage.Quality) wire.ModelQuality {
	out := wire.ModelQuality{Model: q.Model, Calls: q.Calls, Retried: q.Retries,
		Completed: q.Completed, Refused: q.Refused, Truncated: q.Truncated, Failed: q.Failed, Cancelled: q.Cancelled, Interrupted: q.Interrupted,
		Errors: make([]wire.ErrorCount, len(q.Errors)), FirstToken: latencyOut(q.FirstToken), Total: latencyOut(q.Total), Measured: q.Measured,
		Up: q.Up, Down: q.Down, CostMicroUSD: q.MicroUSD}
	for i, e := range q.Errors {
		out.Errors[i] = wire.ErrorCount{Code: wire.Code(e.Code), Calls: e.Calls}
	}
	return out
}

func latencyOut(p usage.Percentiles) wire.Latency {
	return wire.Latency{P50MS: milliseconds(p.P50), P95MS: milliseconds(p.P95)}
}

// mostLooked is how many conversations, the dearest, are looked at for advice.
const mostLooked = 50

func (a *API) usageAdvice(ctx context.Context, who caller, in *qualityIn) (wire.AdviceReport, error) {
	var none wire.AdviceReport
	of, _, err := a.whose(ctx, who, in.Member)
	if err != nil {
		return none, err
	}
	now := a.Now()
	r, _, err := a.rangeOf(ctx, who, in.RangeIn, now)
	if err != nil {
		return none, err
	}
	_, models, err := a.summed(ctx, of, usage.ByModel, r, now, largestRows)
	if err != nil {
		return none, err
	}
	_, chats, err := a.summed(ctx, of, usage.ByConversation, r, now, mostLooked)
	if err != nil {
		return none, err
	}
	evidence := usage.Evidence{Models: models.Rows, Conversations: chats.Rows}
	ids := make([]string, len(chats.Rows))
	for i := range chats.Rows {
		ids[i] = chats.Rows[i].Key
	}
	if evidence.Titles, err = a.Usage.Titles(ctx, who.Account, ids); err != nil {
		return none, err
	}
	if evidence.Offers, err = a.allowed(ctx, who); err != nil {
		return none, err
	}
	if evidence.Plan, err = a.planUse(ctx, who); err != nil {
		return none, err
	}
	out := wire.AdviceReport{From: r.From.UTC(), To: r.To.UTC(), TimeZone: r.Zone.String(), CostMicroUSD: models.All.MicroUSD,
		Calls: models.All.Calls, Advice: []wire.Advice{}}
	for _, v := range usage.Advise(&evidence) {
		out.Advice = append(out.Advice, wire.Advice{Rule: string(v.Rule), Subject: v.Subject, Title: v.Title, Saw: v.Saw, Sum: v.Sum,
			Do: v.Do, Command: v.Command, SavesMicroUSD: v.SavesMicroUSD})
	}
	return out, nil
}

// allowed are the models that the caller may be advised to ask: those that the
// plan has, and those of own keys.
func (a *API) allowed(ctx context.Context, who caller) ([]provider.Offer, error) {
	offers, _ := a.Models.Models(ctx, who.chooses()) // what cannot be listed now is not advised
	choice, err := a.choice(ctx, who)
	return slices.DeleteFunc(slices.Clone(offers), func(o provider.Offer) bool {
		return !o.Own && !choice.Allows(o.ID())
	}), err
}

// planUse is how far the account's plan is used; nil where there is none but the
// one that everybody has.
func (a *API) planUse(ctx context.Context, who caller) (*usage.PlanUse, error) {
	if a.Limits == nil {
		return nil, nil
	}
	o, err := a.Limits.Overview(ctx, who.Principal)
	if err != nil || !o.Metered || a.Plans != nil && o.Plan.Name == a.Plans.Default() {
		return nil, err
	}
	anchor, err := a.Limits.Anchor(ctx, who.Account)
	if err != nil {
		return nil, err
	}
	p := &usage.PlanUse{Title: o.Plan.Title, Month: quota.Month.Around(a.Now(), anchor), Now: a.Now()}
	if p.Title == "" {
		p.Title = o.Plan.Name
	}
	for _, l := range o.Limits {
		if l.Scope == quota.ForAccount && l.Period == quota.Month {
			p.Limits = append(p.Limits, usage.LimitUse{What: unitWords[l.Unit], Used: l.Used, Most: l.Most})
		}
	}
	return p, nil
}

// unitWords are what limits count, for people; micro-dollars are told as dollars.
var unitWords = map[quota.Unit]string{quota.Messages: "messages", quota.Tokens: "tokens"}
