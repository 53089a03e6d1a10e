package httpapi

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
)

// Choices say which models an account's plan has.
type Choices interface {
	Choice(ctx context.Context, p identity.Principal) (quota.Choice, error)
}

// Catalogue is what an operator is told of models, besides Plans.
type Catalogue interface {
	// Models lists what everybody may ask by the server's own keys, and what is
	// known besides.
	Models(ctx context.Context, c provider.Caller) ([]provider.Offer, []provider.Problem)

	// Origin says how a model is known, in wire's words.
	Origin(m *provider.Model) string

	// RestsUntil is until when a key is passed over by this process; zero: it is not.
	RestsUntil(provider, keyID string) time.Time

	// Keys are those of the server, by provider.
	Keys(ctx context.Context) (map[string][]wire.ModelKey, error)
}

func (a *API) operatorModels(ctx context.Context, _ caller, _ *none) (wire.OperatorModelList, error) {
	keys, err := a.Catalogue.Keys(ctx)
	if err != nil {
		return wire.OperatorModelList{}, err
	}
	offers, problems := a.Catalogue.Models(ctx, provider.Caller{})
	list := wire.OperatorModelList{Models: make([]wire.OperatorModel, len(offers)), Problems: problemsOut(problems)}
	plans, now := quota.NewPlans(a.Plans.All()...), a.Now()
	for i := range offers {
		o := &offers[i]
		list.Models[i] = wire.OperatorModel{
			ID: o.ID(), Title: o.Title, Context: o.Context, Output: o.Output, Origin: a.Catalogue.Origin(&o.Model),
			Reasoning: o.Reasoning, Images: o.Images, Tools: o.Tools, Small: o.Small, Usable: o.Usable, Default: o.Default,
			Prices: pricesOut(&o.Model, now), Plans: append([]string{}, plans.Having(o.ID())...),
			Keys: append([]wire.ModelKey{}, keys[o.Provider]...),
		}
	}
	return list, ctx.Err()
}

func priceOut(p *provider.Price) *wire.Price {
	return &wire.Price{Input: p.Input, CachedRead: p.CachedRead, CachedWrite: p.CachedWrite, Output: p.Output}
}

// pricesOut are a model's prices that hold now, then those to come.
func pricesOut(m *provider.Model, now time.Time) []wire.PriceStep {
	all := append(m.Prices.Tiers(now), m.Prices.Later(now)...)
	if len(m.Prices) == 0 && m.Price != nil {
		all = provider.Prices{*m.Price}
	}
	steps := make([]wire.PriceStep, len(all))
	for i, p := range all {
		steps[i] = wire.PriceStep(p)
	}
	return steps
}

func problemsOut(problems []provider.Problem) (out []wire.ModelProblem) {
	for _, p := range problems {
		f := fault.Of(p.Err)
		out = append(out, wire.ModelProblem{Provider: p.Provider, Code: failureOf(f.Kind).code, Detail: f.Public()})
	}
	return out
}
