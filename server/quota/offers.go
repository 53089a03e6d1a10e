package quota

import (
	"context"

	"github.com/aichat-term/aichat/server/identity"
)

// Offers are the plans that an account may have.
type Offers struct {
	Metered bool // false: nothing is limited, and the rest is empty

	// Plans are those that are offered, in their order, and the account's own where
	// it stands among them.
	Plans []Offer
}

// Offer is a plan, and how an account would stand under it.
type Offer struct {
	Plan
	Current bool // it is the account's own

	// Standing are its limits as Overview tells those of the account's own plan: how
	// far each would be used by what was used.
	Standing []Left
}

// Offers tells a member which plans the server offers.
func (m *Metered) Offers(ctx context.Context, p identity.Principal) (Offers, error) {
	if p.Local {
		return Offers{}, nil
	}
	plans := m.o.Plans()
	s, err := m.stand(ctx, p, plans)
	if err != nil {
		return Offers{}, err
	}
	offers := Offers{Metered: true}
	for i := range plans.all {
		plan := &plans.all[i]
		if own := plan == s.plan; own || !plan.Private {
			offers.Plans = append(offers.Plans, Offer{*plan, own, s.under(plan)})
		}
	}
	return offers, nil
}
