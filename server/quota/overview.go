package quota

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/identity"
)

// Overview is what an account has, and has left.
type Overview struct {
	Metered bool // false: nothing is limited, and the rest is empty
	Plan    Plan
	Limits  []Left
}

// Left is one limit and how far it is used.
type Left struct {
	Counter
	Unit   Unit
	Used   int64
	Held   int64 // by calls that run
	Most   int64
	Resets time.Time
}

// Overview tells a member what is left of the account's limits: those of the
// account, of the member, and of each model and key that has been used.
func (m *Metered) Overview(ctx context.Context, p identity.Principal) (Overview, error) {
	if p.Local {
		return Overview{}, nil
	}
	s, err := m.stand(ctx, p, m.o.Plans())
	if err != nil {
		return Overview{}, err
	}
	return Overview{Metered: true, Plan: *s.plan, Limits: s.under(s.plan)}, nil
}

// stand is how an account stands, as a member may see it.
type stand struct {
	now      time.Time
	anchor   int
	plan     *Plan // its own
	balances []Balance
}

// stand reads how a member's account stands, with its plan among those that there
// are.
func (m *Metered) stand(ctx context.Context, p identity.Principal, plans *Plans) (stand, error) {
	now := m.o.Now()
	standing, err := m.o.Store.Standing(ctx, p.Account, nil, now)
	if err != nil {
		return stand{}, err
	}
	plan, err := m.planOf(standing, plans)
	return stand{now, standing.Anchor, plan, told(p, standing, now)}, err
}

// Anchor is the day of the month on which the account's months begin; see
// Period.Around.
func (m *Metered) Anchor(ctx context.Context, account identity.AccountID) (int, error) {
	standing, err := m.o.Store.Standing(ctx, account, &Subjects{}, m.o.Now())
	return standing.Anchor, err
}

// told are the balances that a member may see: also those of its own and the
// account's that are empty yet, and no other member's.
func told(p identity.Principal, s Standing, now time.Time) []Balance {
	day, month := Day.Around(now, s.Anchor), Month.Around(now, s.Anchor)
	var all []Balance
	for _, c := range (Subjects{Member: p.User}).Counters(day.Starts, month.Starts) {
		all = append(all, balanceOf(s.Balances, c))
	}
	for _, b := range s.Balances {
		if b.Scope == ForModel || b.Scope == ForKey {
			all = append(all, b)
		}
	}
	return all
}

// under are the limits that a plan, its own or another, sets to what was used.
func (s *stand) under(plan *Plan) (limits []Left) {
	for _, b := range s.balances {
		most, resets := plan.Most(b.Counter), b.Period.Around(s.now, s.anchor).Ends
		for _, u := range Units() {
			if most.Of(u) < Unlimited {
				limits = append(limits, Left{Counter: b.Counter, Unit: u, Used: b.Used.Of(u), Held: b.Held.Of(u), Most: most.Of(u), Resets: resets})
			}
		}
	}
	return limits
}
