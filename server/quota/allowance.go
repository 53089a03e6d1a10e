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
	plans *Plans // that are offered
}

// Allows reports whether the account's plan has the model.
func (a Allowance) Allows(model string) bool { return a.plan == nil || a.plan.Allows(model) }

// Having names the plans that are offered and have a model, in their order.
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
	plans := m.o.Plans()
	plan, err := m.planOf(standing, plans)
	return Allowance{plan, plans.Offered()}, err
}

// barred is the fault that a plan does not have the call's model: what it has, and
// which plans have the model.
func (h *Hold) barred() error {
	text := "The plan " + h.plan + " does not have " + h.Model + "; it has " + strings.Join(h.terms.Models, ", ") + "."
	switch having := h.plans.Offered().Having(h.Model); len(having) {
	case 0:
	case 1:
		text += " The plan " + having[0] + " has it. " + h.toGet("it")
	default:
		text += " The plans " + strings.Join(having, ", ") + " have it. " + h.toGet("one of them")
	}
	return fault.New(fault.Forbidden, "%s", text)
}
