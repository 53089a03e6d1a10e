package vault_test

import (
	"bytes"
	"cmp"
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// memory is a store in memory that counts how often lists are read.
type memory struct {
	mu    sync.Mutex
	keys  map[vault.KeyID]vault.Sealed
	rev   int64
	lists int
	notes []vault.Note

	broken error  // of the next Reseal or NoteKeys, once
	before func() // called by KeysOf after it has read
}

func newMemory() *memory { return &memory{keys: map[vault.KeyID]vault.Sealed{}, rev: 1} }

func (m *memory) lock() func() {
	m.mu.Lock()
	return m.mu.Unlock
}

func (m *memory) sorted(keep func(*vault.Sealed) bool) (all []vault.Sealed) {
	for _, k := range m.keys {
		if keep(&k) {
			all = append(all, k)
		}
	}
	slices.SortFunc(all, func(a, b vault.Sealed) int { return cmp.Compare(a.ID, b.ID) })
	return all
}

var errNone = fault.New(fault.NotFound, "none")

func (m *memory) AddKey(_ context.Context, k vault.Sealed) error {
	defer m.lock()()
	if _, there := m.keys[k.ID]; there {
		return fault.New(fault.IDConflict, "there")
	}
	m.keys[k.ID] = k
	m.rev++
	return nil
}

func (m *memory) FindKey(_ context.Context, o vault.Owner, id vault.KeyID) (vault.Sealed, error) {
	defer m.lock()()
	k, ok := m.keys[id]
	if !ok || k.Owner != o {
		return vault.Sealed{}, errNone
	}
	return k, nil
}

func (m *memory) KeysOf(_ context.Context, owners ...vault.Owner) ([]vault.Sealed, error) {
	defer func() {
		if m.before != nil {
			m.before()
		}
	}()
	defer m.lock()()
	m.lists++
	return m.sorted(func(k *vault.Sealed) bool { return k.RemovedAt.IsZero() && slices.Contains(owners, k.Owner) }), nil
}

func (m *memory) AllKeys(context.Context) (all []vault.Key, _ error) {
	defer m.lock()()
	for _, k := range m.sorted(func(k *vault.Sealed) bool { return k.RemovedAt.IsZero() }) {
		all = append(all, k.Key)
	}
	return all, nil
}

func (m *memory) KeyNames(_ context.Context, ids []vault.KeyID) (map[vault.KeyID]vault.Key, error) {
	defer m.lock()()
	found := map[vault.KeyID]vault.Key{}
	for _, id := range ids {
		if k, ok := m.keys[id]; ok {
			found[id] = k.Key
		}
	}
	return found, nil
}

func (m *memory) ChangeKey(_ context.Context, o vault.Owner, id vault.KeyID, c vault.Change) (vault.Key, error) {
	defer m.lock()()
	k, ok := m.keys[id]
	if !ok || k.Owner != o {
		return vault.Key{}, errNone
	}
	if c.Disabled != nil {
		k.Disabled = *c.Disabled
	}
	m.keys[id] = k
	m.rev++
	return k.Key, nil
}

func (m *memory) RemoveKey(_ context.Context, _ vault.Owner, id vault.KeyID, at time.Time) error {
	defer m.lock()()
	k := m.keys[id]
	k.Box, k.RemovedAt = nil, at
	m.keys[id] = k
	m.rev++
	return nil
}

func (m *memory) NotSealedBy(_ context.Context, master string, after vault.KeyID, most int) ([]vault.Sealed, error) {
	defer m.lock()()
	all := m.sorted(func(k *vault.Sealed) bool { return k.RemovedAt.IsZero() && k.MasterKey != master && k.ID > after })
	return all[:min(most, len(all))], nil
}

func (m *memory) fail() (err error) {
	err, m.broken = m.broken, nil
	return err
}

func (m *memory) Reseal(_ context.Context, some []vault.Resealed) (n int64, _ error) {
	defer m.lock()()
	if err := m.fail(); err != nil {
		return 0, err
	}
	for _, r := range some {
		if k := m.keys[r.ID]; bytes.Equal(k.Box, r.From) {
			k.Box, k.MasterKey = r.To, r.MasterKey
			m.keys[r.ID] = k
			n++
		}
	}
	m.rev++
	return n, nil
}

func (m *memory) MasterKeys(context.Context) (all []vault.MasterUse, _ error) {
	defer m.lock()()
	for _, k := range m.sorted(func(k *vault.Sealed) bool { return k.RemovedAt.IsZero() && !k.Disabled }) {
		all = append(all, vault.MasterUse{MasterKey: k.MasterKey, Enabled: 1})
	}
	return all, nil
}

func (m *memory) Revision(context.Context) (int64, error) {
	defer m.lock()()
	return m.rev, nil
}

func (m *memory) NoteKeys(_ context.Context, notes []vault.Note) error {
	defer m.lock()()
	if err := m.fail(); err != nil {
		return err
	}
	m.notes = append(m.notes, notes...)
	return nil
}

func newSealer(t *testing.T, source seal.Source) *seal.Sealer {
	t.Helper()
	s, err := seal.New(t.Context(), seal.Options{Source: source})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
