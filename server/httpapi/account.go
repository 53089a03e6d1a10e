package httpapi

import (
	"context"
	"os"
	"slices"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
)

// none is the input of an operation without parameters.
type none struct{}

// server says what answers. What a stranger need not know is told to the owner
// of the socket only.
func (a *API) server(ctx context.Context, _ caller, _ *none) (wire.Server, error) {
	out := wire.Server{Version: a.Version, MinClient: a.MinClient}
	if isLocal(ctx) {
		out.Local = true
		out.PID = os.Getpid()
		out.Running = a.Turns.Running()
		out.Retiring = a.Turns.Retiring()
	}
	return out, nil
}

func (a *API) retire(context.Context, caller, *none) error {
	if a.Retire == nil {
		return fault.New(fault.Forbidden, "This server is ended by whoever started it.")
	}
	a.Retire()
	return nil
}

func (a *API) health(context.Context, caller, *none) error { return nil }

func (a *API) ready(ctx context.Context, _ caller, _ *none) error { return a.Ready(ctx) }

type modelsIn struct {
	Fresh bool `query:"fresh" doc:"Ask the providers anew which models they have, and wait for them, up to ten seconds."`
}

func (a *API) listModels(ctx context.Context, who caller, in *modelsIn) (wire.ModelList, error) {
	c := who.chooses()
	c.Fresh = in.Fresh
	offers, problems := a.Models.Models(ctx, c)
	choice, err := a.choice(ctx, who)
	if err != nil {
		return wire.ModelList{}, err
	}
	list := wire.ModelList{Models: make([]wire.Model, len(offers))}
	for i := range offers {
		list.Models[i] = modelOut(&offers[i], choice, a.Now())
	}
	slices.SortStableFunc(list.Models, usableFirst)
	list.Problems = problemsOut(problems)
	return list, ctx.Err()
}

// choice is which models the caller's plan has.
func (a *API) choice(ctx context.Context, who caller) (quota.Choice, error) {
	if a.Choices == nil {
		return quota.Choice{}, nil
	}
	return a.Choices.Choice(ctx, who.Principal)
}

func usableFirst(x, y wire.Model) int {
	switch {
	case x.Usable == y.Usable:
		return 0
	case x.Usable:
		return -1
	}
	return 1
}

func modelOut(o *provider.Offer, choice quota.Choice, now time.Time) wire.Model {
	m := wire.Model{
		ID: o.ID(), Provider: o.Provider, Name: o.Name, Title: o.Title,
		Context: o.Context, Output: o.Output,
		Reasoning: o.Reasoning, Images: o.Images, Tools: o.Tools,
		Usable: o.Usable, Default: o.Default,
	}
	if o.Price != nil {
		m.Price = priceOut(o.Price)
	}
	if len(o.Prices) > 1 {
		m.Prices = pricesOut(&o.Model, now)
	}
	if !o.Own && !choice.Allows(m.ID) {
		m.Usable, m.Default, m.Barred, m.Plans = false, false, true, choice.Having(m.ID)
	}
	return m
}
