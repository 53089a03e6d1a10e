package vault

import (
	"context"
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
