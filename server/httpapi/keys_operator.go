package httpapi

import (
	"context"
	"fmt"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/vault"
)

// keyOutForOperator adds what only the operator is told.
func keyOutForOperator(k *vault.Shown) wire.Key {
	out := keyOut(k)
	out.OwnerID, out.MasterKey, out.CreatedBy = k.Owner.ID, k.MasterKey, k.CreatedBy
	return out
}

type listKeysIn struct {
	User string `query:"user" doc:"Only the keys of the user of this id, and of that user's account."`
	All  bool   `query:"all" doc:"Everybody's keys, not only the server's."`
}

func (a *API) listKeys(ctx context.Context, _ caller, in *listKeysIn) (wire.KeyList, error) {
	all, err := a.keysFor(ctx, in)
	return wire.KeyList{Keys: keysOut(all, a.keyOutWithRest), Closed: a.closed(ctx)}, err
}

// keyOutWithRest adds until when a key that did not serve rests here.
func (a *API) keyOutWithRest(k *vault.Shown) wire.Key {
	out := keyOutForOperator(k)
	if out.Trouble != nil {
		out.Trouble.Until = timeOrNull(a.Catalogue.RestsUntil(k.Provider, string(k.ID)))
	}
	return out
}

func (a *API) keysFor(ctx context.Context, in *listKeysIn) ([]vault.Shown, error) {
	if in.All {
		return a.Keys.ListAll(ctx)
	}
	if in.User == "" {
		return a.Keys.List(ctx, vault.Server())
	}
	u, err := a.userOf(ctx, in.User)
	if err != nil {
		return nil, err
	}
	return a.Keys.List(ctx, vault.User(u.ID), vault.Account(u.Account))
}

type newServerKeyIn struct {
	User string `query:"user" doc:"For the account of the user of this id only; empty: for everybody."`
	Body wire.NewKey
}

func (a *API) addServerKey(ctx context.Context, _ caller, in *newServerKeyIn) (wire.Key, error) {
	o, e := vault.Server(), identity.Event{By: byOperator}
	if in.User != "" {
		u, err := a.userOf(ctx, in.User)
		if err != nil {
			return wire.Key{}, err
		}
		o, e.User = vault.Account(u.Account), u.ID
	}
	k, err := a.addKey(ctx, o, &in.Body, e)
	return keyOutForOperator(&k), err
}

// ownerOf is whose a key is that the operator names.
func (a *API) ownerOf(ctx context.Context, id string) (vault.Owner, error) {
	if err := conversation.CheckID("id", id); err != nil {
		return vault.Owner{}, err
	}
	return a.Keys.OwnerOf(ctx, vault.KeyID(id))
}

func (a *API) changeServerKey(ctx context.Context, _ caller, in *changeKeyIn) (wire.Key, error) {
	o, err := a.ownerOf(ctx, in.ID)
	if err != nil {
		return wire.Key{}, err
	}
	k, err := a.changeKey(ctx, o, in.ID, &in.Body, identity.Event{By: byOperator})
	return keyOutForOperator(&k), err
}

func (a *API) removeServerKey(ctx context.Context, _ caller, in *one) error {
	o, err := a.ownerOf(ctx, in.ID)
	if err != nil {
		return err
	}
	return a.removeKey(ctx, o, in.ID, identity.Event{By: byOperator})
}

func (a *API) testServerKey(ctx context.Context, _ caller, in *one) (wire.KeyTest, error) {
	o, err := a.ownerOf(ctx, in.ID)
	if err != nil {
		return wire.KeyTest{}, err
	}
	if o.Kind == vault.OfUser {
		return wire.KeyTest{}, fault.New(fault.Forbidden, "That key is a user's own: only its owner tries it.")
	}
	return a.testKey(ctx, o, in.ID)
}

// rotateKeys seals by the newest master key whatever is not. What was done stays
// done where it breaks off.
func (a *API) rotateKeys(ctx context.Context, _ caller, _ *none) (wire.KeyRotation, error) {
	r, err := a.Keys.Rotate(ctx)
	if r.Resealed > 0 || err == nil {
		a.record(ctx, identity.Event{What: identity.KeysRotated, By: byOperator,
			Detail: fmt.Sprintf("Sealed %d provider keys anew, by the master key %s.", r.Resealed, r.MasterKey)})
	}
	out := wire.KeyRotation{MasterKey: r.MasterKey, Resealed: r.Resealed, Unreadable: []wire.Key{}}
	for _, k := range r.Unreadable {
		out.Unreadable = append(out.Unreadable, keyOutForOperator(&vault.Shown{Key: k}))
	}
	return out, err
}
