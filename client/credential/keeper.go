package credential

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"github.com/aichat-term/aichat/client"
)

// keeper implements client.Keeper for one profile and origin.
type keeper struct {
	store           *Store
	profile, origin string
}

// Load implements client.Keeper.
func (k *keeper) Load(ctx context.Context) (client.Tokens, error) {
	t, err := k.load(ctx)
	if errors.Is(err, ErrNotFound) {
		// Another process has just put newer ones elsewhere; or the keyring is
		// not the one they were put into.
		t, err = k.load(ctx)
	}
	if errors.Is(err, ErrNotFound) {
		return client.Tokens{}, nil
	}
	return t, err
}

func (k *keeper) load(ctx context.Context) (client.Tokens, error) {
	x, err := readIndex(k.store.path)
	if err != nil {
		return client.Tokens{}, err
	}
	e, ok := x.Profiles[k.profile]
	switch {
	case !ok || e.Origin != k.origin:
		return client.Tokens{}, nil
	case e.Kept == InFile && e.Tokens != nil:
		return *e.Tokens, nil
	case e.Kept == InKeyring:
		return k.store.ring.load(ctx, k.profile, *e)
	}
	return client.Tokens{}, nil
}

// Save implements client.Keeper. Who signed out meanwhile stays so, and a keyring
// that does not take the tokens any more is left for the file.
func (k *keeper) Save(ctx context.Context, t client.Tokens) error {
	return k.store.change(ctx, func(x *index) error {
		e, ok := x.Profiles[k.profile]
		if !ok || e.Origin != k.origin || e.Kept == Nowhere {
			return errUnchanged
		}
		kind := e.Kept
		if k.store.mode == FileOnly {
			kind = InFile
		}
		err := k.store.put(ctx, x, k.profile, e, t, kind)
		if err != nil && k.store.mode != KeyringOnly {
			k.store.log.Warn("the keyring did not take the new tokens; they are kept in the file", "path", k.store.path, "error", err)
			err = k.store.put(ctx, x, k.profile, e, t, InFile)
		}
		return err
	})
}

// Forget implements client.Keeper.
func (k *keeper) Forget(ctx context.Context, t client.Tokens) error {
	kept, err := k.Load(ctx)
	if err != nil || kept.Access != t.Access {
		return err
	}
	return k.store.change(ctx, func(x *index) error {
		e, ok := x.Profiles[k.profile]
		if !ok || e.Origin != k.origin {
			return errUnchanged
		}
		k.store.drop(ctx, k.profile, e)
		return nil
	})
}

// exchangeWithin is how long another process may take to exchange tokens: longer
// than its request.
const exchangeWithin = 45 * time.Second

// Lock implements client.Keeper.
func (k *keeper) Lock(ctx context.Context) (func(), error) {
	sum := sha256.Sum256([]byte(k.profile + "\n" + k.origin))
	return lock(ctx, k.store.path+"."+hex.EncodeToString(sum[:4])+".lock", exchangeWithin)
}
