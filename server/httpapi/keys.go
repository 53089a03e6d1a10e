package httpapi

import (
	"context"
	"fmt"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// Keys keeps provider keys.
type Keys interface {
	Ready(ctx context.Context) error
	Add(ctx context.Context, k vault.Key, s vault.Secret) (shown vault.Shown, created bool, err error)
	List(ctx context.Context, owners ...vault.Owner) ([]vault.Shown, error)
	ListAll(ctx context.Context) ([]vault.Shown, error)
	OwnerOf(ctx context.Context, id vault.KeyID) (vault.Owner, error)
	Open(ctx context.Context, o vault.Owner, id vault.KeyID) (vault.Key, vault.Secret, error)
	Change(ctx context.Context, o vault.Owner, id vault.KeyID, c vault.Change) (vault.Shown, error)
	Remove(ctx context.Context, o vault.Owner, id vault.KeyID) error
	Rotate(ctx context.Context) (vault.Rotation, error)
	Note(n vault.Note)
}

// ModelLister asks a provider which models an endpoint offers.
type ModelLister func(ctx context.Context, of provider.Endpoint) ([]provider.Model, error)

// Reach says whether a base URL may be kept that is not the operator's word.
type Reach interface{ CheckURL(base string) error }

// Whose keys a request is about: the caller's own, or the account's.
func ownKeys(who caller) vault.Owner     { return vault.User(who.User) }
func accountKeys(who caller) vault.Owner { return vault.Account(who.Account) }

func (a *API) listMyKeys(ctx context.Context, who caller, _ *none) (wire.KeyList, error) {
	return a.keysOf(ctx, ownKeys(who))
}

func (a *API) listAccountKeys(ctx context.Context, who caller, _ *none) (wire.KeyList, error) {
	return a.keysOf(ctx, accountKeys(who))
}

func (a *API) keysOf(ctx context.Context, o vault.Owner) (wire.KeyList, error) {
	all, err := a.Keys.List(ctx, o)
	return wire.KeyList{Keys: keysOut(all, keyOut), Closed: a.closed(ctx)}, err
}

// closed is why no key can be added; empty: one can be.
func (a *API) closed(ctx context.Context) string {
	if err := a.Keys.Ready(ctx); err != nil {
		return fault.Of(err).Public()
	}
	return ""
}

func keysOut(all []vault.Shown, out func(*vault.Shown) wire.Key) []wire.Key {
	list := make([]wire.Key, len(all))
	for i := range all {
		list[i] = out(&all[i])
	}
	return list
}

// keyOut is a key as its owner sees it.
func keyOut(k *vault.Shown) wire.Key {
	out := wire.Key{ID: string(k.ID), Owner: string(k.Owner.Kind), Provider: k.Provider, API: k.API, BaseURL: k.BaseURL,
		Label: k.Label, Hint: k.Hint, Weight: k.Weight, Disabled: k.Disabled, Readable: k.Readable,
		CreatedAt: k.CreatedAt.UTC(), UsedAt: timeOrNull(k.UsedAt)}
	if !k.Trouble.None() {
		out.Trouble = &wire.KeyTrouble{Code: failureOf(k.Trouble.Kind).code, At: k.Trouble.At.UTC()}
	}
	return out
}

type newKeyIn struct{ Body wire.NewKey }

func (a *API) addMyKey(ctx context.Context, who caller, in *newKeyIn) (wire.Key, error) {
	return a.addOwnKey(ctx, who, ownKeys(who), &in.Body)
}

func (a *API) addAccountKey(ctx context.Context, who caller, in *newKeyIn) (wire.Key, error) {
	return a.addOwnKey(ctx, who, accountKeys(who), &in.Body)
}

func (a *API) addOwnKey(ctx context.Context, who caller, o vault.Owner, n *wire.NewKey) (wire.Key, error) {
	k, err := a.addKey(ctx, o, n, by(who))
	return keyOut(&k), err
}

// by is who does something, for the log of security events.
func by(who caller) identity.Event {
	return identity.Event{User: who.User, By: string(who.User), Address: who.address}
}

// addKey checks and keeps a key. An address that is not the operator's word must be
// one that the server may call.
func (a *API) addKey(ctx context.Context, o vault.Owner, n *wire.NewKey, e identity.Event) (vault.Shown, error) {
	k, secret, err := keyIn(n)
	if err != nil {
		return vault.Shown{}, err
	}
	k.Owner, k.CreatedBy = o, e.By
	if k.Own() && k.BaseURL != "" {
		if err := a.Reach.CheckURL(k.BaseURL); err != nil {
			return vault.Shown{}, err
		}
	}
	shown, created, err := a.Keys.Add(ctx, k, secret)
	if err == nil && created {
		a.recordKey(ctx, identity.KeyAdded, &shown.Key, e, "Added")
	}
	return shown, err
}

// keyIn checks what is to be kept.
func keyIn(n *wire.NewKey) (k vault.Key, secret vault.Secret, err error) {
	if err := conversation.CheckID("id", n.ID); err != nil {
		return k, secret, err
	}
	k = vault.Key{ID: vault.KeyID(n.ID), Provider: n.Provider, API: n.API, BaseURL: n.BaseURL, Weight: 1}
	if n.Weight != nil {
		k.Weight = *n.Weight
	}
	if err := vault.CheckWeight(k.Weight); err != nil {
		return k, secret, err
	}
	if k.Label, err = vault.CheckLabel(n.Label); err != nil {
		return k, secret, err
	}
	if err := provider.CheckKept(&k); err != nil {
		return k, secret, err
	}
	if secret, err = vault.CheckSecret(n.Key); err != nil {
		return k, secret, err
	}
	if secret.Empty() && k.BaseURL == "" {
		return k, secret, invalid("key", "The key is missing.")
	}
	return k, secret, nil
}

// recordKey writes down what was done to a key.
func (a *API) recordKey(ctx context.Context, what identity.What, k *vault.Key, e identity.Event, did string) {
	whose := map[vault.OwnerKind]string{vault.OfServer: "the server's", vault.OfAccount: "an account's", vault.OfUser: "a user's own"}[k.Owner.Kind]
	e.What = what
	e.Detail = fmt.Sprintf("%s %s key %s for %s.", did, whose, k.ID, k.Provider)
	if k.BaseURL != "" {
		e.Detail = fmt.Sprintf("%s %s key %s for %s at %s.", did, whose, k.ID, k.Provider, k.Origin())
	}
	if e.User == "" && k.Owner.Kind == vault.OfUser {
		e.User = identity.UserID(k.Owner.ID)
	}
	a.record(ctx, e)
}

type changeKeyIn struct {
	ID   string `path:"id" doc:"The key's id."`
	Body wire.KeyChange
}

func (a *API) changeMyKey(ctx context.Context, who caller, in *changeKeyIn) (wire.Key, error) {
	k, err := a.changeKey(ctx, ownKeys(who), in.ID, &in.Body, by(who))
	return keyOut(&k), err
}

func (a *API) changeAccountKey(ctx context.Context, who caller, in *changeKeyIn) (wire.Key, error) {
	k, err := a.changeKey(ctx, accountKeys(who), in.ID, &in.Body, by(who))
	return keyOut(&k), err
}

func (a *API) changeKey(ctx context.Context, o vault.Owner, id string, c *wire.KeyChange, e identity.Event) (vault.Shown, error) {
	if err := conversation.CheckID("id", id); err != nil {
		return vault.Shown{}, err
	}
	change := vault.Change{Weight: c.Weight, Disabled: c.Disabled}
	if c.Weight != nil {
		if err := vault.CheckWeight(*c.Weight); err != nil {
			return vault.Shown{}, err
		}
	}
	if c.Label != nil {
		label, err := vault.CheckLabel(*c.Label)
		if err != nil {
			return vault.Shown{}, err
		}
		change.Label = &label
	}
	k, err := a.Keys.Change(ctx, o, vault.KeyID(id), change)
	if err == nil {
		a.recordKey(ctx, identity.KeyChanged, &k.Key, e, didChange(c))
	}
	return k, err
}

func didChange(c *wire.KeyChange) string {
	switch {
	case c.Disabled == nil:
		return "Changed"
	case *c.Disabled:
		return "Disabled"
	}
	return "Enabled"
}

func (a *API) removeMyKey(ctx context.Context, who caller, in *one) error {
	return a.removeKey(ctx, ownKeys(who), in.ID, by(who))
}

func (a *API) removeAccountKey(ctx context.Context, who caller, in *one) error {
	return a.removeKey(ctx, accountKeys(who), in.ID, by(who))
}

func (a *API) removeKey(ctx context.Context, o vault.Owner, id string, e identity.Event) error {
	if err := conversation.CheckID("id", id); err != nil {
		return err
	}
	if err := a.Keys.Remove(ctx, o, vault.KeyID(id)); err != nil {
		return err
	}
	e.What, e.Detail = identity.KeyRemoved, "Removed the key "+id+"."
	if e.User == "" && o.Kind == vault.OfUser {
		e.User = identity.UserID(o.ID)
	}
	a.record(ctx, e)
	return nil
}
