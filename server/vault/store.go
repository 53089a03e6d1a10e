package vault

import (
	"context"
	"time"
)

// Sealed is a key as it is stored.
type Sealed struct {
	Key

	// Box is the key, sealed; nil once it was removed.
	Box []byte
}

// Change is what may be changed of a key; nil fields stay. A key's address and
// the key itself are changed together, or not at all: that is another key.
type Change struct {
	Label    *string
	Weight   *int
	Disabled *bool
}

// Store keeps sealed keys. Its methods are safe for concurrent use and return
// faults; Unavailable means the database is away. Whatever changes which keys may
// be used, or what they are, makes the vault's revision greater.
type Store interface {
	// AddKey stores a key. Of one that is there already, removed or not,
	// IDConflict.
	AddKey(ctx context.Context, k Sealed) error

	// FindKey finds a key of one owner; NotFound. Removed ones are found too.
	FindKey(ctx context.Context, o Owner, id KeyID) (Sealed, error)

	// KeysOf lists the keys of the owners that are not removed, oldest first.
	KeysOf(ctx context.Context, owners ...Owner) ([]Sealed, error)

	// AllKeys lists all keys that are not removed, whoever owns them, oldest first.
	AllKeys(ctx context.Context) ([]Key, error)

	// KeyNames finds keys by id, whoever owns them and removed ones too: what the
	// ledger's rows name. Those that nobody knows are not in the map.
	KeyNames(ctx context.Context, ids []KeyID) (map[KeyID]Key, error)

	// ChangeKey changes what is named; NotFound where the owner has no such key or
	// has removed it.
	ChangeKey(ctx context.Context, o Owner, id KeyID, c Change) (Key, error)

	// RemoveKey forgets the sealed key for good, and keeps the rest for the ledger.
	// Doing it twice is nothing; NotFound where the owner never had it.
	RemoveKey(ctx context.Context, o Owner, id KeyID, at time.Time) error

	// NotSealedBy lists keys that another master key than this one seals, in the order
	// of their ids, beginning after one; at most so many. Removed ones are not listed.
	NotSealedBy(ctx context.Context, master string, after KeyID, most int) ([]Sealed, error)

	// Reseal replaces boxes, each if it is still the one that was read, and counts
	// those that were.
	Reseal(ctx context.Context, some []Resealed) (int64, error)

	// MasterKeys counts the keys that are not removed by the master key that they
	// are sealed by, those that are disabled apart.
	MasterKeys(ctx context.Context) ([]MasterUse, error)

	// Revision is a number that grows when the keys change, in the order in which the
	// changes become visible.
	Revision(ctx context.Context) (int64, error)

	// NoteKeys writes down what came of keys' use. Keys that are gone are passed by.
	NoteKeys(ctx context.Context, notes []Note) error
}

// Resealed is a key with a new box in the place of an old one.
type Resealed struct {
	ID        KeyID
	From, To  []byte
	MasterKey string // that seals To
}

// MasterUse is how many keys a master key seals.
type MasterUse struct {
	MasterKey         string
	Enabled, Disabled int64
}
