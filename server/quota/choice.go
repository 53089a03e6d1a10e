package quota

import (
	"context"
	"strings"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Choice says which models an account may ask. The zero Choice allows all.
type Choice struct {
	plan  *Plan
	plans *Plans // that are offered
}

// Allows reports whether the account's plan has the model.
func (c Choice) Allows(model string) bool { return c.plan == nil || c.plan.Allows(model) }

// Having names the plans that are offered and have a model, in their order.
func (c Choice) Having(model string) []string {
	if c.plans == nil {
		return nil
	}
	return c.plans.Having(model)
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

// Choice is what the account of a principal may ask.
func (m *Metered) Choice(ctx context.Context, p identity.Principal) (Choice, error) {
	if p.Local {
		return Choice{}, nil
	}
	standing, err := m.o.Store.Standing(ctx, p.Account, &Subjects{Member: p.User}, m.o.Now())
	if err != nil {
		return Choice{}, err
	}
	plans := m.o.Plans()
	plan, err := m.planOf(standing, plans)
	return Choice{plan, plans.Offered()}, err
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
