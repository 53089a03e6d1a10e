package vault_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

// process is a vault with its ring, as one process has it.
type process struct {
	*vault.Vault
	ring   *vault.Ring
	sealer *seal.Sealer
}

func newProcess(t *testing.T, m *memory, source seal.Source) process {
	t.Helper()
	s := newSealer(t, source)
	r := vault.NewRing(vault.RingOptions{Store: m, Sealer: s, Logger: slog.New(slog.DiscardHandler)})
	return process{vault.New(r, nil), r, s}
}

func (p process) add(t *testing.T, id string, o vault.Owner) {
	t.Helper()
	if _, _, err := p.Add(t.Context(), vault.Key{ID: vault.KeyID(id), Owner: o, Provider: "anthropic", Weight: 1}, vault.NewSecret("sk-secret-of-"+id+"-0123456789")); err != nil {
		t.Fatal(err)
	}
}

// usable are the ids of what ann may use, with the keys as they open.
func (p process) usable(t *testing.T) string {
	t.Helper()
	all, err := p.ring.Usable(t.Context(), "a", "ann")
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for i := range all {
		if all[i].Unread {
			continue
		}
		s, err := p.ring.Open(t.Context(), &all[i])
		if err != nil || !strings.Contains(s.Reveal(), "-"+string(all[i].ID)+"-") {
			t.Errorf("%s opens to another: %v", all[i].ID, err)
		}
		ids = append(ids, string(all[i].ID))
	}
	return strings.Join(ids, " ")
}

func wantUsable(t *testing.T, p process, want string) {
	t.Helper()
	if got := p.usable(t); got != want {
		t.Errorf("usable: %q, want %q", got, want)
	}
}

func TestAKeyThatCannotBeReadIsPassedByAndShown(t *testing.T) {
	t.Parallel()
	m := newMemory()
	older, newer := seal.NewMaster(), seal.NewMaster()
	before := newProcess(t, m, written(older))
	before.add(t, "1", vault.Server())
	text := newer
	p := newProcess(t, m, func(context.Context) (string, error) { return text, nil })
	p.add(t, "2", vault.Server())
	wantUsable(t, p, "2")
	list, err := p.List(t.Context(), vault.Server())
	if err != nil || len(list) != 2 || list[0].Readable || !list[1].Readable {
		t.Errorf("listed: %+v, %v", list, err)
	}
	if _, _, err := p.Open(t.Context(), vault.Server(), "1"); !fault.Is(err, fault.NoKey) {
		t.Errorf("opens: %v", err)
	}
	missing, err := p.MissingMasters(t.Context())
	if id, _ := seal.MasterID(older); err != nil || len(missing) != 1 || missing[0].MasterKey != id {
		t.Errorf("missing: %v, %v", missing, err)
	}
	r, err := p.Rotate(t.Context())
	if err != nil || r.Resealed != 0 || len(r.Unreadable) != 1 {
		t.Errorf("rotated: %+v, %v", r, err)
	}
	// The old one is given back, and the file is read again with the next rotation.
	text = older + "\n" + newer
	if r, err = p.Rotate(t.Context()); err != nil || r.Resealed != 1 || len(r.Unreadable) != 0 {
		t.Errorf("rotated: %+v, %v", r, err)
	}
	wantUsable(t, p, "1 2")
}

// A new master key is not made beside keys that a lost one seals: it would have to go
// again when the lost one is found.
func TestNoKeyIsAddedWhileTheMasterKeyIsLost(t *testing.T) {
	t.Parallel()
	m := newMemory()
	path := filepath.Join(t.TempDir(), "master-key")
	begin := func() process {
		s, err := seal.New(t.Context(), seal.Options{Source: seal.File(path), Make: func() error { return seal.MakeFile(path) }})
		if err != nil {
			t.Fatal(err)
		}
		r := vault.NewRing(vault.RingOptions{Store: m, Sealer: s, Logger: slog.New(slog.DiscardHandler), Missing: func() string { return "Look for it." }})
		return process{vault.New(r, nil), r, s}
	}
	begin().add(t, "1", vault.Server())
	if err := os.Rename(path, path+".lost"); err != nil {
		t.Fatal(err)
	}
	p := begin()
	_, _, err := p.Add(t.Context(), vault.Key{ID: "2", Owner: vault.Server(), Provider: "anthropic"}, vault.NewSecret("sk-2"))
	for what, err := range map[string]error{"added": err, "ready": p.Ready(t.Context())} {
		if !fault.Is(err, fault.Forbidden) || !strings.HasSuffix(fault.Of(err).Public(), "Look for it.") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a master key was made: %v", err)
	}
	if err := os.Rename(path+".lost", path); err != nil {
		t.Fatal(err)
	}
	p.add(t, "3", vault.Server())
	wantUsable(t, p, "1 3")

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	p = begin()
	for _, id := range []vault.KeyID{"1", "3"} {
		if err := p.Remove(t.Context(), vault.Server(), id); err != nil {
			t.Fatal(err)
		}
	}
	p.add(t, "4", vault.Server()) // by a new one
	wantUsable(t, p, "4")
}

// What was told of a key is in the next list, written or not.
func TestAListTellsWhatWasJustNoted(t *testing.T) {
	t.Parallel()
	m := newMemory()
	p := newProcess(t, m, written(seal.NewMaster()))
	p.add(t, "1", vault.Server())
	at := time.Unix(1_700_000_000, 0)
	for _, trouble := range []fault.Kind{fault.ProviderAuth, 0} {
		at = at.Add(time.Second)
		p.Note(vault.Note{Key: "1", At: at, Trouble: trouble})
		own, err := p.List(t.Context(), vault.Server())
		all, errAll := p.ListAll(t.Context())
		if err != nil || errAll != nil || len(own) != 1 || len(all) != 1 {
			t.Fatalf("%v %v, %v %v", own, err, all, errAll)
		}
		for _, k := range []vault.Shown{own[0], all[0]} {
			if k.Trouble.Kind != trouble || k.Trouble.None() != (trouble == 0) || !k.UsedAt.Equal(at) {
				t.Errorf("after %v: %+v", trouble, k)
			}
		}
	}
}

func TestARotationGoesOnWhereItBrokeOff(t *testing.T) {
	t.Parallel()
	m := newMemory()
	text := seal.NewMaster()
	p := newProcess(t, m, func(context.Context) (string, error) { return text, nil })
	const count = 100 // more than one transaction's
	for i := range count {
		p.add(t, fmt.Sprintf("%03d", i), vault.User(identity.UserID(fmt.Sprint("someone", i))))
	}
	text += "\n" + seal.NewMaster()
	if err := p.sealer.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.add(t, "new", vault.Server())
	gone := errors.New("the database is gone")
	m.broken = gone
	if _, err := p.Rotate(t.Context()); !errors.Is(err, gone) {
		t.Fatalf("got %v", err)
	}
	r, err := p.Rotate(t.Context())
	if err != nil || r.Resealed != count {
		t.Errorf("resealed %d, %v", r.Resealed, err)
	}
	if r, err = p.Rotate(t.Context()); err != nil || r.Resealed != 0 {
		t.Errorf("once more: %d, %v", r.Resealed, err)
	}
	_, newest, _ := strings.Cut(text, "\n")
	text = newest // the old master key is taken away
	after := newProcess(t, m, written(newest))
	if missing, err := after.MissingMasters(t.Context()); err != nil || len(missing) > 0 {
		t.Errorf("missing: %v, %v", missing, err)
	}
}

func TestAddingTwiceIsAddingOnce(t *testing.T) {
	t.Parallel()
	p := newProcess(t, newMemory(), written(seal.NewMaster()))
	k, s := vault.Key{ID: "1", Owner: vault.User("ann"), Provider: "openai", Weight: 1}, vault.NewSecret("sk-0123456789abcdef")
	first, created, err := p.Add(t.Context(), k, s)
	if err != nil || !created || first.Hint != "cdef" {
		t.Fatalf("%+v, %v, %v", first, created, err)
	}
	again, created, err := p.Add(t.Context(), k, s)
	if err != nil || created || again != first {
		t.Errorf("%+v, %v, %v", again, created, err)
	}
	if _, _, err = p.Add(t.Context(), k, vault.NewSecret("sk-another-9876543210")); !fault.Is(err, fault.IDConflict) {
		t.Errorf("another key of that id: %v", err)
	}
	k.Label = "other"
	if _, _, err = p.Add(t.Context(), k, s); !fault.Is(err, fault.IDConflict) {
		t.Errorf("another label: %v", err)
	}
}

func TestWhatIsNoKey(t *testing.T) {
	t.Parallel()
	if s, err := vault.CheckSecret(" sk-1\n"); err != nil || s.Reveal() != "sk-1" {
		t.Errorf("space around: %v", err)
	}
	for _, text := range []string{"sk 1", "sk\n1", "sk\r\nX-Evil: 1", "schlüssel", "a\x00", strings.Repeat("x", 5000)} {
		if _, err := vault.CheckSecret(text); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), "1") && strings.Contains(err.Error(), text) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if vault.HintOf(vault.NewSecret("short")) != "" {
		t.Error("a short key is told")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	m := newMemory()
	p := newProcess(t, m, written(seal.NewMaster()))
	p.add(t, "1", vault.Server())
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 50 {
				all, err := p.ring.Usable(t.Context(), "a", "ann")
				if err != nil || len(all) == 0 || all[0].ID != "1" {
					t.Errorf("%v, %v", all, err)
					return
				}
				if s, err := p.ring.Open(t.Context(), &all[0]); err != nil || s.Empty() {
					t.Error(err)
				}
				p.Note(vault.Note{Key: "1", At: time.Unix(int64(i), 0)})
			}
		})
	}
	group.Go(func() {
		for i := range 20 {
			p.add(t, fmt.Sprint("x", i), vault.Server())
			if err := errors.Join(p.ring.Flush(t.Context()), p.ring.Look(t.Context())); err != nil {
				t.Error(err)
			}
		}
	})
	group.Wait()
}

// written is a seal.Source: a text.
func written(text string) seal.Source {
	return func(context.Context) (string, error) { return text, nil }
}
