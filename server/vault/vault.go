package vault

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/aichat-term/aichat/server/fault"
)

// Vault adds, lists, changes and removes keys. Who may do so, and whether a key's
// address is one, has been found out by whoever asks. It is safe for concurrent use.
type Vault struct {
	ring *Ring
	now  func() time.Time
}

// New returns a vault on a ring's store, which it tells of changes. now is time.Now
// if nil.
func New(ring *Ring, now func() time.Time) *Vault {
	if now == nil {
		now = time.Now
	}
	return &Vault{ring, now}
}

func (v *Vault) store() Store   { return v.ring.options.Store }
func (v *Vault) sealer() Sealer { return v.ring.options.Sealer }

// Shown is a key as its owner sees it.
type Shown struct {
	Key

	// Readable says that it can be opened: its master key is there, and the box is
	// what was sealed.
	Readable bool
}

// Limits of what is kept.
const (
	longestSecret = 4096
	longestLabel  = 100
	MostWeight    = 1000
	mostOfOne     = 100 // keys of one owner; a few more may come to be at once
)

// CheckSecret returns a key as it is kept, without the space around it that comes
// with files and terminals. What cannot be sent in a header is Invalid. An empty key
// is one: some endpoints want none.
func CheckSecret(text string) (Secret, error) {
	text = strings.TrimSpace(text)
	odd := func(r rune) bool { return r <= ' ' || r > '~' }
	switch {
	case len(text) > longestSecret:
		return Secret{}, fault.Field("key", "The key is longer than %d characters.", longestSecret)
	case strings.ContainsFunc(text, odd):
		return Secret{}, fault.Field("key", "The key holds a space, a line's end or another character that no provider's key has.")
	}
	return NewSecret(text), nil
}

// CheckLabel returns a label as it is kept.
func CheckLabel(text string) (string, error) {
	text = strings.TrimSpace(text)
	if len(text) > longestLabel || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", fault.Field("label", "A label is one line of at most %d bytes.", longestLabel)
	}
	return text, nil
}

// CheckWeight refuses a weight that is out of range.
func CheckWeight(w int) error {
	if w < 0 || w > MostWeight {
		return fault.Field("weight", "A weight is a number from 0 to %d.", MostWeight)
	}
	return nil
}

var errNoKey = fault.New(fault.NotFound, "There is no such key.")

// Add keeps a key: of k what its owner says, the rest is filled in. Added again with
// the same id and the same contents it is the same key, and created false;
// IDConflict where the contents differ. Forbidden: the owner has as many as one may
// have, or there is no master key, or not the one by which others are sealed.
func (v *Vault) Add(ctx context.Context, k Key, s Secret) (shown Shown, created bool, err error) {
	switch there, err := v.store().FindKey(ctx, k.Owner, k.ID); {
	case err == nil:
		shown, err := v.repeated(&there, &k, s)
		return shown, false, err
	case !fault.Is(err, fault.NotFound):
		return Shown{}, false, err
	}
	all, err := v.store().KeysOf(ctx, k.Owner)
	if err != nil {
		return Shown{}, false, err
	}
	if len(all) >= mostOfOne {
		return Shown{}, false, fault.New(fault.Forbidden, "There are %d keys already, which is the most there may be: remove one first.", len(all))
	}
	if err := v.orphans(ctx); err != nil {
		return Shown{}, false, err
	}
	k.Hint, k.CreatedAt = HintOf(s), v.now()
	box, master, err := v.sealer().Seal(ctx, s, &k)
	if err != nil {
		return Shown{}, false, err
	}
	k.MasterKey = master
	if err := v.store().AddKey(ctx, Sealed{k, box}); err != nil {
		return Shown{}, false, err
	}
	v.ring.Drop()
	return Shown{k, true}, true, nil
}

// repeated is the key that is there, if it is the one that is to be added.
func (v *Vault) repeated(there *Sealed, k *Key, s Secret) (Shown, error) {
	kept, err := v.sealer().Open(there.Box, &there.Key)
	if !there.RemovedAt.IsZero() || err != nil || !kept.Equal(s) || there.Provider != k.Provider || there.BaseURL != k.BaseURL ||
		there.API != k.API || there.Label != k.Label || there.Weight != k.Weight {
		return Shown{}, &fault.Error{Kind: fault.IDConflict, Subject: "id", Message: "That id was given to another key."}
	}
	return Shown{there.Key, true}, nil
}

// List lists the keys of the owners, oldest first.
func (v *Vault) List(ctx context.Context, owners ...Owner) ([]Shown, error) {
	all, err := v.store().KeysOf(ctx, owners...)
	list := make([]Shown, len(all))
	for i := range all {
		list[i] = v.shown(ctx, &all[i])
	}
	return list, err
}

func (v *Vault) shown(ctx context.Context, k *Sealed) Shown {
	_, err := v.ring.unseal(ctx, k)
	return Shown{v.ring.noted(k.Key), err == nil}
}

// ListAll lists everybody's keys, oldest first. Readable says only that their master
// keys are there.
func (v *Vault) ListAll(ctx context.Context) ([]Shown, error) {
	all, err := v.store().AllKeys(ctx)
	masters := v.sealer().Masters()
	list := make([]Shown, len(all))
	for i, k := range all {
		list[i] = Shown{v.ring.noted(k), slices.Contains(masters, k.MasterKey)}
	}
	return list, err
}

// Open opens a key of an owner, disabled or not; NotFound, NoKey.
func (v *Vault) Open(ctx context.Context, o Owner, id KeyID) (Key, Secret, error) {
	k, err := v.store().FindKey(ctx, o, id)
	if err != nil {
		return Key{}, Secret{}, err
	}
	if !k.RemovedAt.IsZero() {
		return Key{}, Secret{}, errNoKey
	}
	s, err := v.ring.unseal(ctx, &k)
	if err != nil {
		return k.Key, Secret{}, fault.Wrap(err, fault.NoKey, "The key cannot be read. %s", v.ring.remedy(&k.Key, err))
	}
	return k.Key, s, nil
}

// OwnerOf finds out whose a key is; NotFound.
func (v *Vault) OwnerOf(ctx context.Context, id KeyID) (Owner, error) {
	found, err := v.store().KeyNames(ctx, []KeyID{id})
	if err != nil {
		return Owner{}, err
	}
	k, ok := found[id]
	if !ok || !k.RemovedAt.IsZero() {
		return Owner{}, errNoKey
	}
	return k.Owner, nil
}

// Change changes what is named of a key; NotFound.
func (v *Vault) Change(ctx context.Context, o Owner, id KeyID, c Change) (Shown, error) {
	k, err := v.store().ChangeKey(ctx, o, id, c)
	if err != nil {
		return Shown{}, err
	}
	v.ring.Drop()
	return Shown{v.ring.noted(k), slices.Contains(v.sealer().Masters(), k.MasterKey)}, nil
}

// Remove forgets a key for good; NotFound. Twice is nothing.
func (v *Vault) Remove(ctx context.Context, o Owner, id KeyID) error {
	err := v.store().RemoveKey(ctx, o, id, v.now())
	v.ring.Drop()
	return err
}

// Ready is why no key can be added, whatever it is: Forbidden, there is no master key,
// or none may be made; Unavailable, it cannot be read, or the database is away. Nil:
// one can be.
func (v *Vault) Ready(ctx context.Context) error {
	if err := v.sealer().Ready(); err != nil {
		return err
	}
	return v.orphans(ctx)
}

// orphans is Forbidden where there is no master key, and there are keys that one has
// sealed. The next key would be sealed by a new one: then whoever puts the old one in
// its place, as the other keys want it, makes that key unreadable.
func (v *Vault) orphans(ctx context.Context) error {
	if len(v.sealer().Masters()) > 0 {
		return nil
	}
	sealed, err := v.store().MasterKeys(ctx)
	if err != nil || len(sealed) == 0 {
		return err
	}
	if err := v.sealer().Reload(ctx); err != nil {
		return fault.Wrap(err, fault.Unavailable, "The server cannot read its master keys, and so cannot keep a key; its log says why.")
	}
	if len(v.sealer().Masters()) > 0 {
		return nil
	}
	return fault.New(fault.Forbidden, "A key that is kept here cannot be read, and as long as that is so none is added. %s",
		v.ring.remedy(&Key{}, ErrNoMaster))
}

// Note tells what came of a key's use; see Keys.
func (v *Vault) Note(n Note) { v.ring.Note(n) }
