package quota

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Allowance says which models an account may ask. The zero Allowance allows all.
type Allowance struct {
	plan  *Plan
	plans *Plans
}

// Allows reports whether the account's plan has the model.
func (a Allowance) Allows(model string) bool { return a.plan == nil || a.plan.Allows(model) }

// Having names the plans that have a model, in their order.
func (a Allowance) Having(model string) []string {
	if a.plans == nil {
		return nil
	}
	return a.plans.Having(model)
}

// Having names the plans that have a model, in their order.
func (p *Plans) Having(model string) (names []string) {
	for i := range p.all {
		if p.all[i].Allows(model) {
			names = append(names, p.all[i].Name)
		}
	}
	return names
}

// Allowance is that of the account of a principal.
func (m *Metered) Allowance(ctx context.Context, p identity.Principal) (Allowance, error) {
	if p.Local {
		return Allowance{}, nil
	}
	standing, err := m.o.Store.Standing(ctx, p.Account, &Subjects{Member: p.User}, m.o.Now())
	if err != nil {
		return Allowance{}, err
	}
	plan, err := m.planOf(standing)
	return Allowance{plan, m.o.Plans()}, err
}

// barred is the fault that a plan does not have a model: what it has, and which
// plans have the model.
func (a Allowance) barred(model string) error {
	text := "The plan " + a.plan.name() + " does not have " + model + "; it has " + strings.Join(a.plan.Models, ", ") + "."
	switch having := a.Having(model); len(having) {
	case 0:
	case 1:
		text += " The plan " + having[0] + " has it; ask your operator for that."
	default:
		text += " The plans " + strings.Join(having, ", ") + " have it; ask your operator for one of them."
	}
	return fault.New(fault.Forbidden, "%s", text)
}
