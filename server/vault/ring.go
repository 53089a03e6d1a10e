package vault

import (
	"cmp"
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
	// own, then the account's, then the server's; of one owner those that can be read,
	// then the others, each the oldest first. Keys that are disabled are not among
	// them. Those that cannot be read are Unread, with a weight of 0, and Open says
	// what is wrong with them: were they left out, there would seem to be no key, or
	// in an own one's place the server's would be charged for. The slice is shared:
	// nobody changes it.
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

	// Trouble is why the key did not serve: of a call ProviderAuth, ProviderRateLimited
	// or ProviderQuota, of a test whatever its provider did. Zero (which as a Kind is
	// Internal): it did serve.
	Trouble fault.Kind
}

// RingOptions are what a Ring is made of; Store, Sealer and Logger are required.
type RingOptions struct {
	Store  Store
	Sealer Sealer
	Logger *slog.Logger
	Now    func() time.Time // time.Now if nil

	// RereadEvery is how often the master keys are read again for the sake of one that
	// is not there; a minute if zero, since a command may have to be run for it.
	RereadEvery time.Duration

	// Missing says, to whoever owns a key and the server too, why its master key is
	// not there and what to do; nil: it is for an operator to see to.
	Missing func() string
}

// Ring implements Keys: it holds in memory which keys there are for whom, and each
// opened key once. All of it is let go of when keys change, which is seldom.
type Ring struct {
	options RingOptions
	notes   notebook

	mu      sync.RWMutex
	lists   map[caller][]Key
	secrets map[KeyID]Secret
	rev     int64                // of the vault, as last seen by Look
	times   uint64               // how often everything was let go of
	looked  map[string]time.Time // when a master key was looked for last, by its id
	reading chan struct{}        // closed when the master keys have been read again; nil: nobody reads
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
	o.RereadEvery = cmp.Or(o.RereadEvery, rereadEvery)
	r := &Ring{options: o, looked: map[string]time.Time{}}
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
	list, secrets, whole := r.open(ctx, sealed)

	r.mu.Lock()
	defer r.mu.Unlock()
	if times != r.times { // what was read may be what was before
		return list, nil
	}
	if len(r.lists) >= mostLists {
		clear(r.lists)
	}
	if whole {
		r.lists[who] = list
	}
	for id, s := range secrets {
		if _, held := r.secrets[id]; !held { // one copy of each is enough
			r.secrets[id] = s
		}
	}
	return list, nil
}

// open opens what may be used, in the order in which it is listed. It is not whole
// where a master key is not there: it may be soon, as after a rotation.
func (r *Ring) open(ctx context.Context, all []Sealed) (list []Key, secrets map[KeyID]Secret, whole bool) {
	secrets, whole = map[KeyID]Secret{}, true
	for i := range all {
		k := &all[i]
		if k.Disabled {
			continue
		}
		secret, err := r.openOne(ctx, k)
		if err != nil {
			if errors.Is(err, ErrNoMaster) { // which has been logged by whoever looked for it
				whole = false
			} else {
				r.options.Logger.WarnContext(ctx, "a provider key cannot be opened", "key_id", string(k.ID), "owner", string(k.Owner.Kind), "error", err)
			}
			unread := k.Key
			unread.Unread, unread.Weight = true, 0 // only where its owner has no other
			list = append(list, unread)
			continue
		}
		list, secrets[k.ID] = append(list, k.Key), secret
	}
	slices.SortStableFunc(list, func(a, b Key) int { return a.place() - b.place() })
	return list, secrets, whole
}

// place is a key's among those that may be used.
func (k *Key) place() int {
	if k.Unread {
		return 2*k.Owner.Kind.Rank() + 1
	}
	return 2 * k.Owner.Kind.Rank()
}

// openOne opens a key, which may be held open already.
func (r *Ring) openOne(ctx context.Context, k *Sealed) (Secret, error) {
	r.mu.RLock()
	held, ok := r.secrets[k.ID]
	r.mu.RUnlock()
	if ok {
		return held, nil
	}
	return r.unseal(ctx, k)
}

// unseal opens a key's box. One whose master key is not known yet may have been sealed
// by another process that knows it already, so the master keys are looked at again,
// and whoever comes meanwhile waits for that.
func (r *Ring) unseal(ctx context.Context, k *Sealed) (Secret, error) {
	secret, err := r.options.Sealer.Open(k.Box, &k.Key)
	if errors.Is(err, ErrNoMaster) {
		r.reread(ctx, k.MasterKey)
		secret, err = r.options.Sealer.Open(k.Box, &k.Key)
	}
	return secret, err
}

// How often the master keys are read again unasked for the sake of one of them, and
// how long that may take: it may run a command.
const (
	rereadEvery = time.Minute
	rereadTime  = 40 * time.Second
)

// reread waits until the master keys have been read again, or ctx ends. Where that
// was done a short while ago for the same one, it is not done again.
func (r *Ring) reread(ctx context.Context, master string) {
	done := r.rereading(ctx, master)
	if done == nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// rereading is closed when the reading that runs has ended; it begins one if it may.
// Nil: none runs. It is nobody's alone, so it goes on when the one who began it
// leaves.
func (r *Ring) rereading(ctx context.Context, master string) <-chan struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.options.Now()
	if last, looked := r.looked[master]; r.reading != nil || looked && now.Sub(last) < r.options.RereadEvery {
		return r.reading
	}
	r.looked[master] = now
	done := make(chan struct{})
	r.reading = done
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rereadTime)
		defer cancel()
		if err := r.options.Sealer.Reload(ctx); err != nil {
			r.options.Logger.WarnContext(ctx, "the master keys cannot be read again", "error", err)
		} else if !slices.Contains(r.options.Sealer.Masters(), master) {
			r.options.Logger.WarnContext(ctx, "a master key is not there: what it seals cannot be opened", "master_key", master)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.reading = nil
		close(done)
	}()
	return done
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
		return Secret{}, r.unread(k, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if times == r.times {
		r.secrets[k.ID] = secret
	}
	return secret, nil
}

var errNotUsable = fault.New(fault.NoKey, "The key has been removed or disabled.")
