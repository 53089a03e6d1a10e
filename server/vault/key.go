package vault

import (
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
)

// KeyID names a key: a UUID in its canonical text form, made by whoever adds the
// key. It is unique in the vault, whoever owns the key, and stands in the ledger.
type KeyID string

// Key is all there is to say of a key without the key itself.
type Key struct {
	ID    KeyID
	Owner Owner

	// Provider is the provider's id as users see it: "anthropic", or the name that
	// was given to a compatible endpoint.
	Provider string

	// API is the dialect that is spoken at BaseURL, one of provider.API's; empty:
	// the one that is usual for the provider and the address.
	API string

	// BaseURL is the root of the API, without a trailing slash; empty: the
	// vendor's own address. The key is sealed for its origin: see Origin.
	BaseURL string

	Label string // what its owner calls it; may be empty
	Hint  string // the key's last characters, to know it by; see HintOf

	// Weight is the key's share of the calls among the usable keys of its owner
	// for its provider: one of weight 2 takes twice as many as one of weight 1.
	// With weight 0 it is used only where no other is left.
	Weight int

	// Disabled says that its owner does not want it used.
	Disabled bool

	CreatedAt time.Time
	CreatedBy string // a user's id, or "operator"

	// UsedAt is when it was last sent to its provider, to the minute or so; zero:
	// never. Trouble is the last time that it did not serve; zero: none since it
	// last did.
	UsedAt  time.Time
	Trouble Trouble

	// MasterKey is the id of the master key that it is sealed by.
	MasterKey string

	// Unread says that it cannot be opened as things are. Only Keys.Usable tells.
	Unread bool

	// RemovedAt is when it was removed; zero: it was not. Of a removed key nothing
	// is left but what stands here, for the ledger's rows to be named by.
	RemovedAt time.Time
}

// Trouble is why a key did not serve. The zero Trouble is none.
type Trouble struct {
	Kind fault.Kind // ProviderAuth, ProviderRateLimited, ProviderQuota, …
	At   time.Time
}

// None reports that there was no trouble.
func (t Trouble) None() bool { return t.At.IsZero() }

// OwnerKind says on whose calls a key may be used.
type OwnerKind string

// The kinds of owners, in the order in which their keys go before others'.
const (
	OfUser    OwnerKind = "user"    // this user's calls, which are not charged
	OfAccount OwnerKind = "account" // those of all members of the account
	OfServer  OwnerKind = "server"  // everybody's
)

// Rank is the kind's place in that order, from 0.
func (k OwnerKind) Rank() int {
	switch k {
	case OfUser:
		return 0
	case OfAccount:
		return 1
	}
	return 2
}

// Owner is whose a key is.
type Owner struct {
	Kind OwnerKind
	ID   string // the user's or the account's id; empty for the server
}

// Server is the owner of the operator's keys.
func Server() Owner { return Owner{Kind: OfServer} }

// Account is an account as an owner of keys.
func Account(id identity.AccountID) Owner { return Owner{OfAccount, string(id)} }

// User is a user as an owner of keys.
func User(id identity.UserID) Owner { return Owner{OfUser, string(id)} }

// Own reports whether the key is its user's own, or the account's own: whoever
// uses it pays the provider, and is not charged here.
func (k *Key) Own() bool { return k.Owner.Kind != OfServer }

// hintLength is how much of a key is shown, in bytes. Keys that are not much
// longer show nothing.
const (
	hintLength   = 4
	shortestHint = 16
)

// HintOf is what may be shown of a key, so that its owner knows it among others:
// its last four characters, or nothing of a key that is too short to spare them.
func HintOf(s Secret) string {
	if len(s.value) < shortestHint {
		return ""
	}
	return s.value[len(s.value)-hintLength:]
}
