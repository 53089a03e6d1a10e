package quota

import (
	"context"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

// MeteredOptions is what a Metered policy is made of. All is required but Now.
type MeteredOptions struct {
	Store Reading

	// Plans are those that there are now.
	Plans func() *Plans

	// Default is the plan of accounts that have none of their own, or one that
	// is not there any more.
	Default string

	Pacer Pacer
	Now   func() time.Time // time.Now if nil
}

// Metered is the policy of a server with plans. The owner of a local socket is
// not metered.
type Metered struct{ o MeteredOptions }

var _ Policy = (*Metered)(nil)

// NewMetered returns a Metered policy.
func NewMetered(o MeteredOptions) *Metered {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Metered{o}
}

// Admit implements Policy. What it reads may have changed when the hold is
// reserved, which decides; but whoever has nothing left is told so here, before
// anything is written.
//
// Nearly all questions are asked with plenty left. So the hold of an answer is made
// without looking at first, and reserving it finds out whether that was right.
func (m *Metered) Admit(ctx context.Context, ask Ask) (*Hold, error) {
	if ask.Principal.Local {
		return nil, nil
	}
	at := m.o.Now()
	h, stands := m.unseen(ctx, ask, at)
	if !stands {
		standing, err := m.o.Store.Standing(ctx, ask.Principal.Account, ask.subjects(), at)
		if err != nil {
			return nil, err
		}
		if h, err = m.judge(ctx, ask, standing, at); err != nil {
			return nil, err
		}
	}
	if ask.Kind != usage.Answer {
		return h, nil
	}
	return h, m.enter(ctx, h, ask.Principal.Session)
}

// unseen is the hold that an answer would have if nothing had been used yet; stands
// is false where that would be refused or bounded, so that it matters what is left.
func (m *Metered) unseen(ctx context.Context, ask Ask, at time.Time) (h *Hold, stands bool) {
	terms := ask.Principal.Terms
	if ask.Look || ask.Kind != usage.Answer || terms.Anchor == 0 {
		return nil, false
	}
	ask.Count = nil
	h, err := m.judge(ctx, ask, Standing{Plan: terms.Plan, Anchor: terms.Anchor}, at)
	if err != nil || h.OutputWithin(ask.MaxOutput) != ask.MaxOutput {
		return nil, false
	}
	h.Unseen, h.Whole = true, h.Worst.whole(&ask, at)
	return h, true
}

// judge makes the hold of a call for an account that stands like that.
//
// A call with a key of the user's or the account's own is free: they pay its
// provider, so nothing is held, counted or charged, and the plan's models are not
// asked for. How fast they ask is the server's business all the same.
func (m *Metered) judge(ctx context.Context, ask Ask, standing Standing, at time.Time) (*Hold, error) {
	plans := m.o.Plans()
	plan, err := m.planOf(standing, plans)
	if err != nil {
		return nil, err
	}
	h := &Hold{Account: ask.Principal.Account, ID: ask.ID, Kind: ask.Kind, Conversation: ask.Conversation, At: at,
		Subjects: *ask.subjects(), Anchor: standing.Anchor, Expires: choreExpires, plan: plan.name(), terms: plan, plans: plans, role: ask.Principal.Role}
	if ask.Kind == usage.Answer {
		h.Expires = answerExpires
	}
	if h.free = ask.Route.Endpoint.Own(); h.free {
		h.Worst = worstOf(&ask, plan, NoLimit(), at)
		return h, nil
	}
	if !plan.Allows(h.Model) {
		return nil, h.barred()
	}
	h.cap(plan)
	ask.Route.Others = slices.DeleteFunc(slices.Clone(ask.Route.Others), func(way provider.Route) bool { return !h.Covers(&way) })
	h.weigh(ctx, &ask, standing.Balances)
	return h, h.Refusal(standing.Balances)
}

// enter has the pacer let a call in.
func (m *Metered) enter(ctx context.Context, h *Hold, session string) (err error) {
	h.pass, err = m.o.Pacer.Enter(ctx, Walker{h.Account, session}, h.terms.Rates, h.Worst.Amount.Tokens)
	return h.tooFast(err)
}

// weigh notes the worst case. Where the prompt as guessed would have the call
// refused or its answer cut short, and no prompt at all would not, it is counted.
func (h *Hold) weigh(ctx context.Context, ask *Ask, balances []Balance) {
	left := h.left(balances)
	with := func(prompt int64) (refused, cut bool) {
		ask.Prompt = prompt
		h.Worst = worstOf(ask, h.terms, left, h.At)
		return h.Refusal(balances) != nil, h.OutputWithin(ask.MaxOutput) != ask.MaxOutput
	}
	prompt := ask.Prompt
	refused, cut := with(prompt)
	if (refused || cut) && ask.Count != nil {
		if refusedAnyway, cutAnyway := with(0); refused && !refusedAnyway || cut && !cutAnyway {
			prompt = ask.Count(ctx)
		}
		with(prompt)
	}
	h.Price = ask.Route.Model.PriceAt(h.At, prompt)
}

// planOf is the plan of an account, among those that there are.
func (m *Metered) planOf(s Standing, plans *Plans) (*Plan, error) {
	if plan, ok := plans.Find(s.Plan); ok {
		return plan, nil
	}
	if plan, ok := plans.Find(m.o.Default); ok {
		return plan, nil
	}
	return nil, fault.New(fault.Unavailable, "The server has no plan %q, its default: its operator must add it to the plans.", m.o.Default)
}

// cap notes what the plan allows on each counter that the call counts in.
func (h *Hold) cap(plan *Plan) {
	day, month := Day.Around(h.At, h.Anchor), Month.Around(h.At, h.Anchor)
	for _, c := range h.Counters(day.Starts, month.Starts) {
		h.Caps = append(h.Caps, Cap{c, plan.Most(c)})
	}
}

// left is what of each unit the tightest limit leaves.
func (h *Hold) left(balances []Balance) Amount {
	left := NoLimit()
	for _, c := range h.Caps {
		taken := balanceOf(balances, c.Counter).taken()
		for _, u := range Units() {
			if most := c.Most.Of(u); most < Unlimited {
				left = left.lowered(u, most-taken.Of(u))
			}
		}
	}
	return left
}

// Pace says how the account's requests stand; false where none are counted.
func (m *Metered) Pace(ctx context.Context, p identity.Principal) (Pace, bool) {
	return m.o.Pacer.Look(ctx, p.Account)
}
