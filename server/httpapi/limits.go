package httpapi

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
)

// Limits knows what an account may use, and has used.
type Limits interface {
	Overview(ctx context.Context, p identity.Principal) (quota.Overview, error)
	Offers(ctx context.Context, p identity.Principal) (quota.Offers, error)

	// Anchor is the day of the month on which the account's months begin.
	Anchor(ctx context.Context, account identity.AccountID) (int, error)

	// Pace says how the account's requests stand; false where none are counted.
	Pace(ctx context.Context, p identity.Principal) (quota.Pace, bool)
}

// Plans are the plans there are, for the operator's routes.
type Plans interface {
	All() []quota.Plan
	Default() string

	// Trouble is what is wrong with their file; nil: nothing is.
	Trouble() *quota.PlansTrouble

	// Accounts counts the accounts by their plan; empty for the default.
	Accounts(ctx context.Context) (map[string]int64, error)
	SetPlan(ctx context.Context, account identity.AccountID, plan string) error

	// PlanOf is which plan the account has, empty for the default, and on which
	// day its months begin. SetAnchor says on which; 0: that of its creation.
	PlanOf(ctx context.Context, account identity.AccountID) (plan string, day int, err error)
	SetAnchor(ctx context.Context, account identity.AccountID, day int) error
}

// sayPace tells how many questions may still be begun.
func (a *API) sayPace(c *gin.Context) {
	if a.Limits == nil {
		return
	}
	ctx := c.Request.Context()
	if pace, counted := a.Limits.Pace(ctx, callerOf(ctx).Principal); counted {
		h := c.Writer.Header()
		h.Set(wire.HeaderRateLimit, strconv.FormatInt(pace.Limit, 10))
		h.Set(wire.HeaderRateRemaining, strconv.FormatInt(pace.Remaining, 10))
		h.Set(wire.HeaderRateReset, strconv.FormatInt(seconds(pace.Reset), 10))
	}
}

func (a *API) limits(ctx context.Context, who caller, _ *none) (wire.Limits, error) {
	if a.Limits == nil {
		return wire.Limits{Limits: []wire.Limit{}}, nil
	}
	o, err := a.Limits.Overview(ctx, who.Principal)
	if err != nil || !o.Metered {
		return wire.Limits{Limits: []wire.Limit{}}, err
	}
	return wire.Limits{Metered: true, Plan: o.Plan.Name, Title: o.Plan.Title, Rates: wire.Rates(o.Plan.Rates), Limits: limitsOut(o.Limits)}, nil
}

func limitsOut(all []quota.Left) []wire.Limit {
	out := make([]wire.Limit, len(all))
	for i, l := range all {
		out[i] = wire.Limit{Scope: string(l.Scope), Subject: l.Subject, Period: string(l.Period), Unit: string(l.Unit),
			Used: l.Used, Held: l.Held, Most: l.Most, ResetsAt: l.Resets}
	}
	return out
}

func (a *API) listPlans(ctx context.Context, _ caller, _ *none) (wire.PlanList, error) {
	counts, err := a.Plans.Accounts(ctx)
	if err != nil {
		return wire.PlanList{}, err
	}
	all := a.Plans.All()
	list := wire.PlanList{Plans: make([]wire.Plan, len(all))}
	for i := range all {
		list.Plans[i] = wire.Plan{PlanTerms: termsOut(&all[i]), ReserveOutput: all[i].ReserveOutput, Offered: !all[i].Private,
			Default: all[i].Name == a.Plans.Default()}
	}
	for name, n := range counts {
		at := slices.IndexFunc(list.Plans, func(p wire.Plan) bool { return p.Name == name })
		if at < 0 { // none of its own, or one that is not there any more
			at = slices.IndexFunc(list.Plans, func(p wire.Plan) bool { return p.Default })
		}
		if at >= 0 {
			list.Plans[at].Accounts += n
		}
	}
	if is := a.Plans.Trouble(); is != nil {
		list.Trouble = &wire.PlansTrouble{File: is.File, Since: is.Since.UTC(), Mistakes: strings.Split(is.Err.Error(), "\n")}
	}
	return list, nil
}

func termsOut(p *quota.Plan) wire.PlanTerms {
	out := wire.PlanTerms{Name: p.Name, Title: p.Title, Models: append([]string{}, p.Models...),
		Rates: wire.Rates(p.Rates), Limits: make([]wire.PlanLimit, len(p.Limits))}
	for i, l := range p.Limits {
		out.Limits[i] = wire.PlanLimit{Scope: string(l.Scope), Only: l.Only, Period: string(l.Period), Unit: string(l.Unit), Most: l.Most}
	}
	return out
}

// getPlan tells which plan a user's account has.
func (a *API) getPlan(ctx context.Context, _ caller, in *aUser) (wire.AccountPlan, error) {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return wire.AccountPlan{}, err
	}
	plan, day, err := a.Plans.PlanOf(ctx, u.Account)
	month := quota.Month.Around(a.Now(), day)
	return wire.AccountPlan{Plan: plan, MonthDay: day, MonthStarts: month.Starts, MonthEnds: month.Ends}, err
}

type setPlanIn struct {
	ID   string `path:"id" doc:"The user's id."`
	Body wire.PlanChange
}

// setPlan gives a user's account a plan. It holds from the next question on.
func (a *API) setPlan(ctx context.Context, _ caller, in *setPlanIn) error {
	u, err := a.userOf(ctx, in.ID)
	if err != nil {
		return err
	}
	name := in.Body.Plan
	if name != "" && !slices.ContainsFunc(a.Plans.All(), func(p quota.Plan) bool { return p.Name == name }) {
		return &fault.Error{Kind: fault.Invalid, Subject: "plan", Message: "There is no plan of that name; see: aichat-server plans list"}
	}
	day := in.Body.MonthDay
	if day != nil && (*day < 0 || *day > 31) {
		return invalid("month_day", "A month begins on a day from 1 to 31; 0 is the day of the account's creation.")
	}
	if err := a.Plans.SetPlan(ctx, u.Account, name); err != nil {
		return err
	}
	if day != nil {
		if err := a.Plans.SetAnchor(ctx, u.Account, *day); err != nil {
			return err
		}
	}
	a.record(ctx, identity.Event{What: identity.PlanChanged, User: u.ID, By: byOperator, Detail: planSet(name, day)})
	return nil
}

// planSet says what an account was given; day is nil where that was not said.
func planSet(name string, day *int) string {
	detail := "Has the plan " + name + "."
	if name == "" {
		detail = "Has the server's default plan."
	}
	switch {
	case day == nil:
		return detail
	case *day == 0:
		return detail + " Its months begin on the day of the account's creation."
	}
	return detail + fmt.Sprintf(" Its months begin on day %d.", *day)
}
