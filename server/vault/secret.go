package vault

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
)

// hidden stands wherever a Secret would have been printed.
const hidden = "[secret]"

// Secret is a key that cannot print itself: not by fmt with any verb, not by
// slog, not by a JSON or text encoder. Reveal is the only way out, so that
// every place a key leaves by can be found by name.
//
// The zero Secret is empty.
type Secret struct{ value string }

// NewSecret wraps a key.
func NewSecret(value string) Secret { return Secret{value} }

// Reveal returns the key itself.
func (s Secret) Reveal() string { return s.value }

// Empty reports whether there is no key.
func (s Secret) Empty() bool { return s.value == "" }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.value), []byte(other.value)) == 1
}

// Format implements fmt.Formatter, so that no verb reaches the value.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue implements slog.LogValuer.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText refuses: a Secret is never written anywhere as text or JSON.
func (s Secret) MarshalText() ([]byte, error) {
	return nil, errors.New("vault: a secret is not marshalled")
}
