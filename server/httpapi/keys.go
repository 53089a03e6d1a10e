package httpapi

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/visitor"
)

// Keys keeps provider keys.
type Keys interface {
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
	return wire.KeyList{Keys: keysOut(all, keyOut)}, err
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

func (a *API) testMyKey(ctx context.Context, who caller, in *one) (wire.KeyTest, error) {
	return a.testOwnKey(ctx, who, ownKeys(who), in.ID)
}

func (a *API) testAccountKey(ctx context.Context, who caller, in *one) (wire.KeyTest, error) {
	return a.testOwnKey(ctx, who, accountKeys(who), in.ID)
}

// testRate is how often one user may try keys of their own: each try is a call to an
// address that they have chosen.
var testRate = visitor.Rate{Burst: 10, Every: 6 * time.Second}

func (a *API) testOwnKey(ctx context.Context, who caller, o vault.Owner, id string) (wire.KeyTest, error) {
	if wait := a.tests.Take(string(who.User)); wait > 0 {
		return wire.KeyTest{}, &fault.Error{Kind: fault.RateLimited, RetryAfter: wait,
			Message: "Keys were tried too often in a short time; try again in a moment."}
	}
	return a.testKey(ctx, o, id)
}

// testTime is how long a provider may take to say what it offers.
const testTime = 20 * time.Second

// testKey asks the provider which models there are with the key. What it says is
// the answer, whether it is good news or not.
func (a *API) testKey(ctx context.Context, o vault.Owner, id string) (wire.KeyTest, error) {
	if err := conversation.CheckID("id", id); err != nil {
		return wire.KeyTest{}, err
	}
	k, secret, err := a.Keys.Open(ctx, o, vault.KeyID(id))
	if fault.Is(err, fault.NoKey) {
		return wire.KeyTest{Detail: fault.Of(err).Public(), Code: wire.NoKey}, nil
	}
	if err != nil {
		return wire.KeyTest{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, testTime, fault.New(fault.ProviderTimeout, "The provider did not answer within %v.", testTime))
	defer cancel()
	models, err := a.ListModels(ctx, provider.Kept(&k, secret))
	if err != nil && ctx.Err() != nil {
		err = cmp.Or(context.Cause(ctx), err)
	}
	a.noteTest(&k, err)
	if err != nil {
		a.log.LogAttrs(ctx, slog.LevelInfo, "a tried key does not work", slog.String("key_id", string(k.ID)), slog.Any("error", err))
	}
	return testOut(models, err), nil
}

// noteTest remembers what a test says of a key: that it was taken, or refused.
// Whatever else went wrong is not the key's.
func (a *API) noteTest(k *vault.Key, err error) {
	n := vault.Note{Key: k.ID, At: a.Now()}
	if err != nil {
		switch n.Trouble = fault.Of(err).Kind; n.Trouble {
		case fault.ProviderAuth, fault.ProviderRateLimited, fault.ProviderQuota:
		default:
			return
		}
	}
	a.Keys.Note(n)
}

func testOut(models []provider.Model, err error) wire.KeyTest {
	if err != nil {
		f := fault.Of(err)
		return wire.KeyTest{Detail: f.Public(), Code: failureOf(f.Kind).code}
	}
	t := wire.KeyTest{Works: true}
	for _, m := range models {
		if provider.Chats(m.Name) {
			t.Models = append(t.Models, m.Name)
		}
	}
	switch n := len(t.Models); n {
	case 0:
		t.Detail = "The provider takes the key, and lists no model that chats."
	case 1:
		t.Detail = "The provider takes the key, and offers one model that chats."
	default:
		t.Detail = fmt.Sprintf("The provider takes the key, and offers %d models that chat.", n)
	}
	return t
}
