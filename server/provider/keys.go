package provider

import (
	"context"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
)

// kept are the endpoints that the vault's keys open, unopened, in the order of
// their payers. Those of the operator whose keys cannot be read are unread: an
// own one goes before all others even so, since in its place another would pay.
func (d *Directory) kept(ctx context.Context, c Caller) (all, unread []Endpoint, err error) {
	if d.options.Keys == nil {
		return nil, nil, nil
	}
	keys, err := d.options.Keys.Usable(ctx, c.Account, c.User)
	if err != nil {
		return nil, nil, err
	}
	all = make([]Endpoint, 0, len(keys))
	for i := range keys {
		k := &keys[i]
		e := Kept(k, vault.Secret{})
		if e.BaseURL == "" && usualURL(e.Provider) == "" {
			continue // nobody knows where it leads
		}
		e.kept, e.payer, e.weight = k, payerOf(k.Owner.Kind), k.Weight
		if k.Unread && e.payer == operator {
			unread = append(unread, e)
			continue
		}
		all = append(all, e)
	}
	return all, unread, nil
}

func payerOf(owner vault.OwnerKind) payer {
	switch owner {
	case vault.OfUser:
		return user
	case vault.OfAccount:
		return account
	}
	return operator
}

// Open returns the endpoint with its key, ready to be called. NoKey where the key
// has gone meanwhile: another one may be tried.
func (d *Directory) Open(ctx context.Context, e Endpoint) (Endpoint, error) {
	if e.kept == nil {
		return e, nil
	}
	secret, err := d.options.Keys.Open(ctx, e.kept)
	e.Key = secret
	return e, err
}

// RestsUntil is until when the key of that id is passed over here while there are
// others for the provider; zero: it is not.
func (d *Directory) RestsUntil(provider, keyID string) time.Time {
	e := Endpoint{Provider: provider, KeyID: keyID}
	return d.rota.restsUntil(e.name())
}

// Note tells how a call by the endpoint's key has gone; err is nil, or a fault. A
// key that was refused rests, and stands behind others meanwhile; the vault is
// told of it, and of a key that serves.
func (d *Directory) Note(e *Endpoint, err error) {
	var kind fault.Kind
	if err != nil {
		f := fault.Of(err)
		switch kind = f.Kind; kind {
		case fault.ProviderAuth, fault.ProviderRateLimited, fault.ProviderQuota:
			d.rota.rest(e, restAfter(f))
		default:
			return // no word about the key
		}
	} else {
		d.rota.wake(e)
	}
	if e.kept != nil {
		d.options.Keys.Note(vault.Note{Key: e.kept.ID, At: d.options.Now(), Trouble: kind})
	}
}
