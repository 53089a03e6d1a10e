package provider

import (
	_ "embed"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

//go:embed catalogue.json
var embeddedCatalogue []byte

// embeddedEntries parses the embedded file when it is first asked for, not when
// the program starts: most commands never need it.
var embeddedEntries = sync.OnceValues(func() ([]entry, error) {
	return parseEntries(embeddedCatalogue)
})

// Catalogue is the list of models that are known without asking anybody: what
// comes with the program, changed by an operator's file. It does not change
// after it has been loaded and is safe for concurrent use.
type Catalogue struct {
	models   []Model
	byID     map[string]int
	defaults map[string]int
	now      func() time.Time
}

// LoadCatalogue returns the embedded catalogue with the operator's entries over
// it: an entry replaces the embedded one of the same provider and name, in its
// place, or is added at the end. An entry marked default or small takes that
// mark from the provider's other models. No overrides (nil or blank) means the
// embedded catalogue as it is.
//
// The file is JSON of the embedded one's form, which is its documentation
// (catalogue.json). What is wrong with it comes back as an Invalid fault that
// names the line and the entry. Unknown fields are refused, because a misspelt
// price would otherwise be a free model.
func LoadCatalogue(overrides []byte) (*Catalogue, error) {
	entries, err := embeddedEntries()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(string(overrides)) != "" {
		changes, err := parseEntries(overrides)
		if err != nil {
			return nil, err
		}
		entries = override(entries, changes)
	}
	return newCatalogue(entries), nil
}

func newCatalogue(entries []entry) *Catalogue {
	c := &Catalogue{
		models:   make([]Model, len(entries)),
		byID:     make(map[string]int, len(entries)),
		defaults: map[string]int{},
		now:      time.Now,
	}
	for i, e := range entries {
		c.models[i] = e.model()
		c.byID[e.id()] = i
		if e.Default {
			c.defaults[e.Provider] = i
		}
	}
	return c
}

// override lays changes over entries without touching either.
func override(entries, changes []entry) []entry {
	merged := slices.Clone(entries)
	for _, change := range changes {
		for i := range merged {
			if merged[i].Provider == change.Provider {
				merged[i].Default = merged[i].Default && !change.Default
				merged[i].Small = merged[i].Small && !change.Small
			}
		}
		at := slices.IndexFunc(merged, func(e entry) bool { return e.id() == change.id() })
		if at >= 0 {
			merged[at] = change
		} else {
			merged = append(merged, change)
		}
	}
	return merged
}

// Models lists the models of the given providers, or of all when none is given,
// in the catalogue's order.
func (c *Catalogue) Models(providers ...string) []Model {
	all := slices.Clone(c.models)
	for i := range all {
		c.price(&all[i])
	}
	if len(providers) == 0 {
		return all
	}
	return slices.DeleteFunc(all, func(m Model) bool { return !slices.Contains(providers, m.Provider) })
}

// Lookup finds a model by its provider and name. A snapshot of a listed model,
// named by a date (claude-x-20260101, gpt-x-2026-01-01) or as -latest, is found
// under the listed one's figures, keeping the name that was asked for.
func (c *Catalogue) Lookup(provider, name string) (Model, bool) {
	if i, ok := c.byID[provider+"/"+name]; ok {
		return c.model(i), true
	}
	if i, ok := c.byID[provider+"/"+withoutDate(name)]; ok {
		m := c.model(i)
		m.Name, m.Title = name, ""
		return m, true
	}
	return Model{}, false
}

// Default is the model to talk to where a provider is chosen and no model is.
func (c *Catalogue) Default(provider string) (Model, bool) {
	i, ok := c.defaults[provider]
	if !ok {
		return Model{}, false
	}
	return c.model(i), true
}

// Small is the provider's cheap model, for titles and the like. Where there is
// none, the caller uses the conversation's own.
func (c *Catalogue) Small(provider string) (Model, bool) {
	i := slices.IndexFunc(c.models, func(m Model) bool { return m.Provider == provider && m.Small })
	if i < 0 {
		return Model{}, false
	}
	return c.model(i), true
}

// Overrides reports whether the catalogue's word on a model is not the other's.
func (c *Catalogue) Overrides(other *Catalogue, provider, name string) bool {
	mine, ok := c.Lookup(provider, name)
	theirs, there := other.Lookup(provider, name)
	mine.Price, theirs.Price = nil, nil
	return ok && (!there || !reflect.DeepEqual(mine, theirs))
}

// model is one of the catalogue's, at its price of this moment.
func (c *Catalogue) model(i int) Model {
	m := c.models[i]
	c.price(&m)
	return m
}

func (c *Catalogue) price(m *Model) { m.Price = m.PriceAt(c.now(), 0) }

func (c *Catalogue) knows(provider string) bool {
	return slices.ContainsFunc(c.models, func(m Model) bool { return m.Provider == provider })
}
