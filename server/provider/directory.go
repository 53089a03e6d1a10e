package provider

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/vault"
)

// Directory answers two questions: which models may this caller ask, and where
// does a call for one of them go.
//
// It joins the catalogue, the operator's endpoints, those of the caller's own
// terminal, and what the providers say of themselves. It is safe for concurrent
// use.
type Directory struct {
	options   DirectoryOptions
	catalogue *Catalogue
	live      *liveLists
	rota      *rota
}

// DirectoryOptions is what a Directory is made of.
type DirectoryOptions struct {
	// Catalogue is required.
	Catalogue *Catalogue

	// Vendors speaks each dialect; required, Demo included.
	Vendors map[API]Provider

	// Endpoints are the operator's, in the order in which a default is chosen.
	Endpoints []Endpoint

	// Keys are those of the vault; nil: there is none.
	Keys vault.Keys

	// Keeps reports whether users can have keys of their own kept; nil: they cannot.
	Keeps func() bool

	// Fallbacks names, by a model's id, those that are asked in its place where it
	// cannot be had, in order.
	Fallbacks map[string][]string

	// DefaultModel is the operator's choice for new conversations; empty: the
	// first endpoint's default.
	DefaultModel string

	// OllamaURL turns an OLLAMA_HOST into a base URL; required.
	OllamaURL func(host string) (string, error)

	// NoProbe forbids asking whether an Ollama runs at its usual address.
	NoProbe bool

	// Now defaults to time.Now.
	Now func() time.Time
}

// NewDirectory returns a directory. It asks nobody anything yet.
func NewDirectory(o DirectoryOptions) *Directory {
	if o.Now == nil {
		o.Now = time.Now
	}
	d := &Directory{options: o, catalogue: o.Catalogue, rota: newRota(o.Now)}
	d.live = newLiveLists(o.Vendors, d.Open, o.Now)
	return d
}

// Caller is who asks the directory.
type Caller struct {
	// Env is the caller's own environment; see FromEnvironment. Its endpoints
	// stand before the operator's, and instead of those of the same name.
	Env map[string]string

	// Account and User are on whose behalf calls are made: with their keys, where
	// they have any.
	Account identity.AccountID
	User    identity.UserID

	// Conversation, if not empty, keeps to one key of several, since vendors keep
	// what they have read of a prompt by the key's account.
	Conversation string

	// Local says that the caller sits at this machine: an Ollama that runs
	// there unasked for may be used.
	Local bool

	// DefaultModel is the caller's own choice where no model is named; empty, or
	// not to be had: the operator's.
	DefaultModel string

	// Fresh says that the providers' own lists are to be asked for anew, and waited
	// for, since somebody wants to know whether they answer. What came within the
	// last quarter of a minute is fresh.
	Fresh bool

	looking bool // no call follows, which would be some key's turn
}

// Route is where a call goes.
type Route struct {
	Provider Provider
	Endpoint Endpoint
	Model    Model

	// Others are where it goes next, in order, if this one does not serve: further
	// keys for the model first, then its fallbacks. Whoever pays for this one pays
	// for them. They have no Others of their own.
	Others []Route
}

// endpoints lists what the caller may use, in the order in which it is taken, the
// demo last. Several of one provider have a key each. A key of the operator's that
// cannot be read is there only where the operator has no other for its provider,
// behind all that may serve, so that whoever wants it is told.
func (d *Directory) endpoints(ctx context.Context, c Caller) ([]Endpoint, error) {
	all := FromEnvironment(c.Env, d.options.OllamaURL)
	kept, unread, err := d.kept(ctx, c)
	if err != nil {
		return nil, err
	}
	all = append(all, kept...)
	for _, e := range d.options.Endpoints {
		e.payer, e.weight, e.Owner = operator, 1, vault.OfServer
		all = append(all, e)
	}
	for _, e := range unread {
		if !slices.ContainsFunc(all, func(other Endpoint) bool { return other.Provider == e.Provider && other.payer == operator }) {
			all = append(all, e)
		}
	}
	return append(all, Endpoint{Provider: DemoID, API: Demo, payer: nobody}), nil
}

func ofProvider(id string) func(Endpoint) bool {
	return func(e Endpoint) bool { return e.Provider == id }
}

// Route finds the way to a model as a user wrote it. An empty name means the
// caller's default. Of a provider's keys those of one payer are taken: the
// terminal's, the user's own, the account's own, the operator's.
//
// Faults: ModelUnknown, NoKey where the model is known and nobody has a key for
// it, Invalid where the address of its provider is none, Unavailable where the
// vault is.
func (d *Directory) Route(ctx context.Context, c Caller, model string) (Route, error) {
	all, err := d.endpoints(ctx, c)
	if err != nil {
		return Route{}, err
	}
	if model == "" {
		return d.defaultRoute(ctx, c, all)
	}
	return d.routeTo(ctx, c, all, model)
}

func (d *Directory) routeTo(ctx context.Context, c Caller, all []Endpoint, model string) (Route, error) {
	m, err := d.catalogue.Resolve(model, append(endpointIDs(all), OllamaID)...)
	if err != nil {
		return Route{}, err
	}
	if i := slices.IndexFunc(all, ofProvider(m.Provider)); i >= 0 {
		if mistake := all[i].mistake; mistake != nil {
			return Route{}, mistake
		}
		return d.chain(c, all, m), nil
	}
	if m.Provider == OllamaID && c.Local {
		if e, _, ok := d.probeOllama(ctx); ok {
			return d.route(e, m), nil
		}
	}
	return Route{}, d.noKey(c, m)
}

func endpointIDs(endpoints []Endpoint) []string {
	names := make([]string, len(endpoints))
	for i, e := range endpoints {
		names[i] = e.Provider
	}
	return names
}

// noKey is the fault that there is no key for a model, with what this caller can do
// about it: the variables are those of a local server's owner only.
func (d *Directory) noKey(c Caller, m Model) error {
	variable := KeyVariable(m.Provider)
	switch {
	case c.Local && variable != "":
		return &fault.Error{Kind: fault.NoKey, Subject: variable,
			Message: fmt.Sprintf("There is no key for %s: set %s, or add one with aichat keys add %s, or choose another model.", m.ID(), variable, m.Provider)}
	case c.Local && m.Provider == OllamaID:
		return fault.New(fault.NoKey, "No Ollama answers on this machine: start it, or set OLLAMA_HOST.")
	case c.Local:
		return fault.New(fault.NoKey, "There is no key for %s here.", m.ID())
	case variable != "" && d.options.Keeps != nil && d.options.Keeps():
		return fault.New(fault.NoKey, "This server has no key for %s: choose another model, add a key of your own with aichat keys add %s, or ask the server's operator.", m.ID(), m.Provider)
	}
	return fault.New(fault.NoKey, "This server has no key for %s: choose another model, or ask the server's operator.", m.ID())
}

func (d *Directory) route(e Endpoint, m Model) Route {
	return Route{Provider: d.options.Vendors[e.API], Endpoint: e, Model: m}
}

// defaultRoute chooses for a caller who did not: the caller's usual choice or the
// operator's if it can be used, the first endpoint's default, a reachable Ollama, the demo.
func (d *Directory) defaultRoute(ctx context.Context, c Caller, all []Endpoint) (Route, error) {
	for _, wanted := range []string{c.DefaultModel, d.options.DefaultModel} {
		if wanted == "" {
			continue
		}
		if r, err := d.routeTo(ctx, c, all, wanted); err == nil {
			return r, nil
		}
	}
	for _, e := range all {
		if e.API == Demo {
			break
		}
		if e.mistake != nil {
			return Route{}, e.mistake // it was meant to be used
		}
		if m, ok := d.defaultOf(ctx, e); ok {
			return d.chain(c, all, m), nil
		}
	}
	if c.Local {
		if e, models, ok := d.probeOllama(ctx); ok && len(models) > 0 {
			return d.route(e, models[0]), nil
		}
	}
	return d.routeTo(ctx, c, all, DemoID+"/"+DemoID)
}

// defaultOf is the model to take at an endpoint: the catalogue's choice. Where
// the endpoint is not the vendor's own it is taken only if what stands there
// offers it, or does not say what it offers; else the first that it offers.
func (d *Directory) defaultOf(ctx context.Context, e Endpoint) (Model, bool) {
	listed, known := d.catalogue.Default(e.Provider)
	if known && ownAddress(e) {
		return listed, true
	}
	models, err := d.live.get(ctx, e)
	if known && (err != nil || slices.ContainsFunc(models, sameID(listed))) {
		return listed, true
	}
	models = Merge(nil, models)
	if len(models) == 0 {
		return listed, known
	}
	return models[0], true
}

// Small is the cheap model beside a route's own, for titles, with its key. ok is
// false where the endpoint has none that is listed.
func (d *Directory) Small(r Route) (Route, bool) {
	m, ok := d.catalogue.Small(r.Endpoint.Provider)
	if !ok || r.Endpoint.API == Demo {
		return Route{}, false
	}
	return d.route(r.Endpoint, m), true
}

// Find returns what the catalogue knows of a model by its id, without a route.
func (d *Directory) Find(id string) (Model, bool) {
	p, name, ok := SplitID(id)
	if !ok {
		return Model{}, false
	}
	return d.catalogue.Lookup(p, name)
}
