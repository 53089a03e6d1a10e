package wire

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Paths of provider keys: one's own, those of the account, and for the operator
// everybody's.
const (
	PathKeys        = "/api/v1/keys"
	PathAccountKeys = "/api/v1/account/keys"
	PathAdminKeys   = "/admin/v1/keys"
	PathAdminRotate = "/admin/v1/keys/rotate" // seals all keys by the newest master key
)

// BelowTest is below one key: it tries the key at its provider.
const BelowTest = "test"

// KeyPath is the path of one key, or of something below it; in is one of the
// three paths of keys.
func KeyPath(in, id string, below ...string) string { return join(in, id, below) }

// Owners of keys.
const (
	KeyOfUser    = "user"    // one's own: what is asked with it is not charged
	KeyOfAccount = "account" // for all members of the account; not charged either
	KeyOfServer  = "server"  // for everybody
)

// Key is a provider key without the key itself, which nobody is ever told.
type Key struct {
	ID       string `json:"id"`
	Owner    string `json:"owner"`              // KeyOfUser, …
	OwnerID  string `json:"owner_id,omitempty"` // for the operator: the user's or the account's id
	Provider string `json:"provider"`
	API      string `json:"api,omitempty"`      // the dialect; empty: the provider's usual one
	BaseURL  string `json:"base_url,omitempty"` // empty: the provider's own address
	Label    string `json:"label,omitempty"`
	Hint     string `json:"hint,omitempty"` // the key's last characters
	Weight   int    `json:"weight"`         // its share among the owner's keys for the provider
	Disabled bool   `json:"disabled"`

	// Readable says that the server can open the key. One that it cannot is not used:
	// remove it and add it again.
	Readable bool `json:"readable"`

	MasterKey string `json:"master_key,omitempty"` // for the operator: the id of what seals it

	CreatedAt time.Time   `json:"created_at"`
	CreatedBy string      `json:"created_by,omitempty"` // for the operator
	UsedAt    *time.Time  `json:"used_at"`              // to the minute or so; null: never
	Trouble   *KeyTrouble `json:"trouble,omitempty"`    // absent: it served when it was last used
}

// KeyTrouble is why a key last did not serve.
type KeyTrouble struct {
	Code Code      `json:"code"`
	At   time.Time `json:"at"`

	// Until is when the key takes calls again beside others, for the operator of the
	// server that is asked; absent: it does. Each server finds out by itself.
	Until *time.Time `json:"until,omitempty"`
}

// KeyList is keys, oldest first.
type KeyList struct {
	Keys []Key `json:"keys"`

	// Closed is why the server can keep no key, in a sentence: it has no master key.
	// Empty: keys can be added.
	Closed string `json:"closed,omitempty"`
}

// NewKey is a key to be kept. It prints as a word; only encoding it shows the key.
type NewKey struct {
	ID       string `json:"id"` // a UUID that the client makes
	Provider string `json:"provider"`
	API      string `json:"api,omitempty"`
	BaseURL  string `json:"base_url,omitempty"`
	Label    string `json:"label,omitempty"`
	Weight   *int   `json:"weight,omitempty"` // null: 1
	Key      string `json:"key"`              // may be empty where the endpoint wants none
}

// Format implements fmt.Formatter, so that no verb reaches the key.
func (NewKey) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[key]") }

// LogValue implements slog.LogValuer.
func (NewKey) LogValue() slog.Value { return slog.StringValue("[key]") }

// KeyChange changes what is named of a key. Where it leads is not changed: add
// another key for that.
type KeyChange struct {
	Label    *string `json:"label,omitempty"`
	Weight   *int    `json:"weight,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// KeyTest is what came of trying a key at its provider.
type KeyTest struct {
	Works  bool     `json:"works"`
	Detail string   `json:"detail"`           // in words
	Code   Code     `json:"code,omitempty"`   // why it does not work
	Models []string `json:"models,omitempty"` // what the provider offers with it
}

// KeyRotation is what sealing all keys anew came to.
type KeyRotation struct {
	MasterKey  string `json:"master_key"` // the id of the one that seals them now
	Resealed   int64  `json:"resealed"`
	Unreadable []Key  `json:"unreadable"` // those whose master key is not there
}
