package httpapi

import (
	"context"
	"os"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
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

func (a *API) listModels(ctx context.Context, who caller, _ *none) (wire.ModelList, error) {
	offers, problems := a.Models.Models(ctx, who.chooses())
	list := wire.ModelList{Models: make([]wire.Model, len(offers))}
	for i := range offers {
		list.Models[i] = modelOut(&offers[i])
	}
	for _, p := range problems {
		f := fault.Of(p.Err)
		list.Problems = append(list.Problems, wire.ModelProblem{
			Provider: p.Provider, Code: failureOf(f.Kind).code, Detail: f.Public(),
		})
	}
	return list, ctx.Err()
}

func modelOut(o *provider.Offer) wire.Model {
	m := wire.Model{
		ID: o.ID(), Provider: o.Provider, Name: o.Name, Title: o.Title,
		Context: o.Context, Output: o.Output,
		Reasoning: o.Reasoning, Images: o.Images, Tools: o.Tools,
		Usable: o.Usable, Default: o.Default,
	}
	if p := o.Price; p != nil {
		m.Price = &wire.Price{Input: p.Input, CachedRead: p.CachedRead, CachedWrite: p.CachedWrite, Output: p.Output}
	}
	return m
}
