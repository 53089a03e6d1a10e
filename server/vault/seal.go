package vault

import (
	"context"
	"encoding/binary"
	"errors"
)

// Why a box does not open.
var (
	// ErrNoMaster says that the master key which sealed a box is not there.
	ErrNoMaster = errors.New("vault: the master key that seals this key is not there")

	// ErrBroken says that a box is not what was sealed, or was sealed for another
	// owner, provider, id or address.
	ErrBroken = errors.New("vault: the sealed key was changed, or is another's")
)

// Sealer seals keys for storage and opens them again. It is safe for concurrent
// use.
type Sealer interface {
	// Seal seals a key for what its Key says of it: owner, provider, id and
	// origin. It returns the box and the id of the master key that it used, the
	// newest. Where there is none the fault is Forbidden, and says what to do.
	Seal(ctx context.Context, s Secret, k *Key) (box []byte, master string, err error)

	// Open opens a box for its Key: ErrNoMaster, ErrBroken.
	Open(box []byte, k *Key) (Secret, error)

	// Ready is why nothing can be sealed: the fault with which Seal would fail; nil: it
	// can be, as far as is known.
	Ready() error

	// Masters lists the ids of the master keys, the newest last.
	Masters() []string

	// Reload reads the master keys again from where they come; on an error those
	// that were there stay.
	Reload(ctx context.Context) error
}

// sealedFor begins the associated data, so that another use of a master key, or
// another way to write this one, is told apart.
const sealedFor = "aichat provider key 1"

// AssociatedData is what a key is sealed for; it opens for nothing else. Each part
// stands behind its length, so that no two keys share a text.
func (k *Key) AssociatedData() []byte {
	b := []byte(sealedFor)
	for _, part := range []string{string(k.Owner.Kind), k.Owner.ID, k.Provider, string(k.ID), k.Origin()} {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return b
}
