package provider

import "slices"

// chain is the way to a model of which there is an endpoint: the key whose turn it
// is, the payer's other keys for it, then the model's fallbacks.
func (d *Directory) chain(c Caller, all []Endpoint, m Model) Route {
	keys := d.keysOf(all, m.Provider)
	if c.looking {
		keys = d.rota.line(keys)
	} else {
		keys = d.rota.turn(keys, thread{c.Account, c.Conversation})
	}
	r := d.route(keys[0], m)
	for _, e := range keys[1:] {
		r.Others = append(r.Others, d.route(e, m))
	}
	for _, id := range d.fallbacksOf(m) {
		r.Others = append(r.Others, d.fallback(all, keys[0].payer, id)...)
	}
	return r
}

// fallbacksOf names the models that are asked in a model's place: its own, or those
// of the listed one that it is a snapshot of.
func (d *Directory) fallbacksOf(m Model) []string {
	if ids, ok := d.options.Fallbacks[m.ID()]; ok {
		return ids
	}
	return d.options.Fallbacks[m.Provider+"/"+withoutDate(m.Name)]
}

// keysOf are the endpoints of a provider whose payer comes first; none where all
// has none of it.
func (d *Directory) keysOf(all []Endpoint, provider string) []Endpoint {
	var keys []Endpoint
	for _, e := range all {
		if e.Provider == provider && (len(keys) == 0 || e.payer == keys[0].payer) {
			keys = append(keys, e)
		}
	}
	return keys
}

// fallback are the ways to a model that is asked in another's place, by the keys
// of the one who pays for the other; none where there are no such keys.
func (d *Directory) fallback(all []Endpoint, pays payer, id string) (ways []Route) {
	m, err := d.catalogue.Resolve(id, endpointIDs(all)...)
	if err != nil {
		return nil
	}
	keys := slices.DeleteFunc(slices.Clone(all), func(e Endpoint) bool {
		return e.Provider != m.Provider || e.payer != pays || e.mistake != nil || pays == nobody
	})
	for _, e := range d.rota.line(keys) {
		ways = append(ways, d.route(e, m))
	}
	return ways
}
