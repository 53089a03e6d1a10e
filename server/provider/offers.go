package provider

import (
	"context"
	"slices"
	"sync"
)

// Offer is a model as a caller sees it in the list.
type Offer struct {
	Model

	// Usable says that there is an endpoint for it.
	Usable bool

	// Own says that it is asked by a key of the user's or the account's own, for
	// which no plan is asked.
	Own bool

	// Default says that it is what a new conversation gets.
	Default bool
}

// Problem is an endpoint whose own list could not be had.
type Problem struct {
	Provider string // "keys" where those of the vault could not be read
	Err      error  // a fault
}

// Models lists what the caller may ask, usable ones first, then what the
// catalogue knows besides. Endpoints are asked for their own lists side by
// side, and waited for but shortly; one that does not answer is a Problem, and
// what is known of its models stands all the same.
func (d *Directory) Models(ctx context.Context, c Caller) ([]Offer, []Problem) {
	all, err := d.endpoints(ctx, c)
	if err != nil {
		return nil, []Problem{{Provider: "keys", Err: err}}
	}
	all = firsts(all)
	if c.Local && !slices.ContainsFunc(all, ofProvider(OllamaID)) {
		if e, _, ok := d.probeOllama(ctx); ok {
			all = slices.Insert(all, len(all)-1, e)
		}
	}
	get := d.live.get
	if c.Fresh {
		get = d.live.fresh
	}
	lists, problems := ask(ctx, all, get)

	var offers []Offer
	for i, e := range all {
		for _, m := range Merge(d.catalogue.Models(e.Provider), lists[i]) {
			offers = append(offers, Offer{Model: m, Usable: true, Own: e.Own()})
		}
	}
	for _, m := range d.catalogue.Models() {
		if !slices.ContainsFunc(all, ofProvider(m.Provider)) {
			offers = append(offers, Offer{Model: m})
		}
	}
	d.markDefault(ctx, c, offers)
	return offers, problems
}

// firsts are the endpoints that come first for their provider: what one key of a
// payer offers the others do.
func firsts(all []Endpoint) []Endpoint {
	var some []Endpoint
	for _, e := range all {
		if !slices.ContainsFunc(some, ofProvider(e.Provider)) {
			some = append(some, e)
		}
	}
	return some
}

func (d *Directory) markDefault(ctx context.Context, c Caller, offers []Offer) {
	c.looking = true
	r, err := d.Route(ctx, c, "")
	if err != nil {
		return
	}
	for i := range offers {
		offers[i].Default = offers[i].ID() == r.Model.ID()
	}
}

// ask gets the live list of each endpoint, in their order.
func ask(ctx context.Context, all []Endpoint, get func(context.Context, Endpoint) ([]Model, error)) (lists [][]Model, problems []Problem) {
	lists = make([][]Model, len(all))
	errs := make([]error, len(all))
	var group sync.WaitGroup
	for i, e := range all {
		if e.API == Demo {
			continue
		}
		if e.mistake != nil {
			errs[i] = e.mistake
			continue
		}
		group.Go(func() { lists[i], errs[i] = get(ctx, e) })
	}
	group.Wait()
	for i, err := range errs {
		if err != nil {
			problems = append(problems, Problem{Provider: all[i].Provider, Err: err})
		}
	}
	return lists, problems
}
