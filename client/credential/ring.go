package credential

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aichat-term/aichat/client"
)

// Ring is a keyring: short secrets by name. Its methods may hang.
type Ring interface {
	Set(name, secret string) error
	Get(name string) (string, error) // ErrNotFound
	Delete(name string) error        // ErrNotFound
}

// ErrNotFound is what a Ring says of a name that it does not know.
var ErrNotFound = errors.New("the keyring holds no such secret")

// ringLimit is how long one call of a keyring may take. One that asks for a
// password or waits for a service that never starts takes longer.
const ringLimit = 3 * time.Second

// maxPiece is how large one secret may be, in bytes: Windows' limit is 2560,
// counted in UTF-16.
const maxPiece = 1200

// maxPieces bounds what a file may make us ask for.
const maxPieces = 64

// keyring is a Ring that does not hang and whose secrets may be of any length.
type keyring struct {
	ring  Ring
	limit time.Duration
	hung  atomic.Bool // it did once: it is not waited for again
}

var errHung = errors.New("it does not answer")

// call runs a call of the Ring for as long as it may take. One that hangs is left
// behind with its goroutine.
func (k *keyring) call(ctx context.Context, f func() error) error {
	if k.hung.Load() {
		return errHung
	}
	done := make(chan error, 1)
	go func() { done <- f() }()
	timer := time.NewTimer(k.limit)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
		k.hung.Store(true)
		return fmt.Errorf("%w within %v", errHung, k.limit)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (k *keyring) set(ctx context.Context, name, secret string) error {
	return k.call(ctx, func() error { return k.ring.Set(name, secret) })
}

func (k *keyring) get(ctx context.Context, name string) (string, error) {
	got := make(chan string, 1)
	err := k.call(ctx, func() error {
		secret, err := k.ring.Get(name)
		got <- secret
		return err
	})
	if err != nil {
		return "", err
	}
	return <-got, nil
}

func (k *keyring) delete(ctx context.Context, name string) error {
	return k.call(ctx, func() error { return k.ring.Delete(name) })
}

// prove keeps a random value of the largest size, reads it back and deletes it.
func (k *keyring) prove(ctx context.Context) error {
	name, secret := "probe "+rand.Text(), ""
	for len(secret) < maxPiece {
		secret += rand.Text()
	}
	secret = secret[:maxPiece]
	if err := k.set(ctx, name, secret); err != nil {
		return err
	}
	got, err := k.get(ctx, name)
	if err == nil && got != secret {
		err = errors.New("it returns another secret than it was given")
	}
	return errors.Join(err, k.delete(ctx, name))
}

// save keeps tokens in the slot that is not in use: until the file says
// otherwise, those before count. It returns an entry that says where they are.
func (k *keyring) save(ctx context.Context, profile string, e *entry, t client.Tokens) (entry, error) {
	next := *e
	next.Slot, next.Pieces = "a", 0
	if e.Kept == InKeyring && e.Slot == "a" {
		next.Slot = "b"
	}
	b, err := json.Marshal(t) //nolint:gosec // it is for the keyring
	if err != nil {
		return next, err
	}
	for piece := range pieces(string(b)) {
		if err := k.set(ctx, next.name(profile, next.Pieces), piece); err != nil {
			k.remove(ctx, profile, next)
			return next, err
		}
		next.Pieces++
	}
	return next, nil
}

// pieces cuts a secret into pieces that a keyring takes.
func pieces(secret string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for len(secret) > maxPiece {
			if !yield(secret[:maxPiece]) {
				return
			}
			secret = secret[maxPiece:]
		}
		yield(secret)
	}
}

func (k *keyring) load(ctx context.Context, profile string, e entry) (client.Tokens, error) {
	var b strings.Builder
	for i := range min(e.Pieces, maxPieces) {
		piece, err := k.get(ctx, e.name(profile, i))
		if errors.Is(err, ErrNotFound) {
			return client.Tokens{}, ErrNotFound
		}
		if err != nil {
			return client.Tokens{}, &KeyringError{Err: err}
		}
		b.WriteString(piece)
	}
	var t client.Tokens
	if json.Unmarshal([]byte(b.String()), &t) != nil { // its error may quote a token
		return client.Tokens{}, ErrNotFound // pieces of two generations: another process is at it
	}
	return t, nil
}

// remove deletes an entry's pieces. What cannot be deleted is of no use to
// anybody soon: the tokens in it end.
func (k *keyring) remove(ctx context.Context, profile string, e entry) {
	for i := range min(e.Pieces, maxPieces) {
		_ = k.delete(ctx, e.name(profile, i))
	}
}

// name is a piece's name in the keyring.
func (e entry) name(profile string, piece int) string {
	return strings.Join([]string{profile, e.Origin, e.Slot + strconv.Itoa(piece)}, " ")
}
