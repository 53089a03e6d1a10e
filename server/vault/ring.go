package vault

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// Keys is what the caller of providers asks of the vault. Its methods are safe
// for concurrent use and, but for what was not asked before or has changed,
// answered from memory. What another process changes is known within seconds.
type Keys interface {
	// Usable lists the keys that may be used for a user on an account: the user's
	// own, then the account's, then the server's; of one owner the oldest first.
	// Keys that are disabled or cannot be opened are not among them. The slice is
	// shared: nobody changes it.
	//
	// Unavailable: the database is away, and the answer is not in memory.
	Usable(ctx context.Context, account identity.AccountID, user identity.UserID) ([]Key, error)

	// Open returns a key that Usable has listed. NoKey where it has been removed,
	// disabled or changed since, or cannot be opened: the next one may be tried.
	Open(ctx context.Context, k *Key) (Secret, error)

	// Note tells what came of a key's use. It does not wait: what is told is
	// written a little later, and only so often.
	Note(n Note)
}

// Note is what came of one use of a key.
type Note struct {
	Key KeyID
	At  time.Time

	// Trouble is why the key did not serve: ProviderAuth, ProviderRateLimited or
	// ProviderQuota. Zero (which as a Kind is Internal): it did.
	Trouble fault.Kind
}

// RingOptions are what a Ring is made of; all of it is required but Now.
type RingOptions struct {
	Store  Store
	Sealer Sealer
	Logger *slog.Logger
	Now    func() time.Time // time.Now if nil
}

// Ring implements Keys: it holds in memory which keys there are for whom, and each
// opened key once. All of it is let go of when keys change, which is seldom.
type Ring struct {
	options RingOptions
	notes   notebook

	mu      sync.RWMutex
	lists   map[caller][]Key
	secrets map[KeyID]Secret
	rev     int64  // of the vault, as last seen by Look
	times   uint64 // how often everything was let go of
	reread  time.Time
}

// caller is for whom keys are listed.
type caller struct {
	account identity.AccountID
	user    identity.UserID
}

// mostLists bounds for how many callers lists are held.
const mostLists = 10_000

// NewRing returns a ring that holds nothing yet.
func NewRing(o RingOptions) *Ring {
	if o.Now == nil {
		o.Now = time.Now
	}
	r := &Ring{options: o}
	r.notes.pages = map[KeyID]*page{}
	r.Drop()
	return r
}

// Drop lets go of everything. Whoever changes keys in this process calls it after
// the change.
func (r *Ring) Drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop()
}

func (r *Ring) drop() {
	r.lists, r.secrets = map[caller][]Key{}, map[KeyID]Secret{}
	r.times++
}

// Look lets go of everything if keys have changed since the last look: other
// processes change them too.
func (r *Ring) Look(ctx context.Context) error {
	rev, err := r.options.Store.Revision(ctx)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if rev != r.rev {
		r.rev = rev
		r.drop()
	}
	return nil
}

// Usable implements Keys.
func (r *Ring) Usable(ctx context.Context, account identity.AccountID, user identity.UserID) ([]Key, error) {
	who := caller{account, user}
	r.mu.RLock()
	list, known := r.lists[who]
	times := r.times
	r.mu.RUnlock()
	if known {
		return list, nil
	}
	sealed, err := r.options.Store.KeysOf(ctx, User(user), Account(account), Server())
	if err != nil {
		return nil, err
	}
	list, secrets := r.open(ctx, sealed)

	r.mu.Lock()
	defer r.mu.Unlock()
	if times != r.times { // what was read may be what was before
		return list, nil
	}
	if len(r.lists) >= mostLists {
		clear(r.lists)
	}
	r.lists[who] = list
	for id, s := range secrets {
		if _, held := r.secrets[id]; !held { // one copy of each is enough
			r.secrets[id] = s
		}
	}
	return list, nil
}

// open opens what may be used, in the order in which it is listed.
func (r *Ring) open(ctx context.Context, all []Sealed) (list []Key, secrets map[KeyID]Secret) {
	secrets = map[KeyID]Secret{}
	for i := range all {
		k := &all[i]
		if k.Disabled {
			continue
		}
		secret, err := r.openOne(ctx, k)
		if err != nil {
			r.options.Logger.WarnContext(ctx, "a provider key cannot be opened", "key_id", string(k.ID), "owner", string(k.Owner.Kind),
				"master_key", k.MasterKey, "error", err)
			continue
		}
		list, secrets[k.ID] = append(list, k.Key), secret
	}
	slices.SortStableFunc(list, func(a, b Key) int { return a.Owner.Kind.Rank() - b.Owner.Kind.Rank() })
	return list, secrets
}

// openOne opens a key. One whose master key is not known yet may have been sealed by
// another process that knows it already, so the master keys are looked at again.
func (r *Ring) openOne(ctx context.Context, k *Sealed) (Secret, error) {
	r.mu.RLock()
	held, ok := r.secrets[k.ID]
	r.mu.RUnlock()
	if ok {
		return held, nil
	}
	secret, err := r.options.Sealer.Open(k.Box, &k.Key)
	if errors.Is(err, ErrNoMaster) && r.mayReread() && r.options.Sealer.Reload(ctx) == nil {
		secret, err = r.options.Sealer.Open(k.Box, &k.Key)
	}
	return secret, err
}

// rereadEvery is how often the master keys are read again unasked: that may run a
// command.
const rereadEvery = time.Minute

func (r *Ring) mayReread() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.options.Now()
	if now.Sub(r.reread) < rereadEvery {
		return false
	}
	r.reread = now
	return true
}

// Open implements Keys.
func (r *Ring) Open(ctx context.Context, k *Key) (Secret, error) {
	r.mu.RLock()
	secret, held := r.secrets[k.ID]
	times := r.times
	r.mu.RUnlock()
	if held {
		return secret, nil
	}
	now, err := r.options.Store.FindKey(ctx, k.Owner, k.ID)
	switch {
	case fault.Is(err, fault.NotFound):
		return Secret{}, errNotUsable
	case err != nil:
		return Secret{}, err
	case now.Disabled || !now.RemovedAt.IsZero():
		return Secret{}, errNotUsable
	}
	if secret, err = r.openOne(ctx, &now); err != nil {
		return Secret{}, fault.Wrap(err, fault.NoKey, "The key cannot be opened.")
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if times == r.times {
		r.secrets[k.ID] = secret
	}
	return secret, nil
}

var errNotUsable = fault.New(fault.NoKey, "The key has been removed or disabled.")
