package vault_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
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

func TestOnesOwnKeysGoFirst(t *testing.T) {
	t.Parallel()
	m := newMemory()
	p := newProcess(t, m, written(seal.NewMaster()))
	p.add(t, "1", vault.Server())
	p.add(t, "2", vault.Account("a"))
	p.add(t, "3", vault.User("ann"))
	p.add(t, "4", vault.User("bob"))
	p.add(t, "5", vault.Account("b"))
	p.add(t, "6", vault.Server())
	p.add(t, "7", vault.User("ann"))
	wantUsable(t, p, "3 7 2 1 6")
	read := m.lists
	wantUsable(t, p, "3 7 2 1 6")
	if m.lists != read {
		t.Error("the list is not in memory")
	}
	off := true
	if _, err := p.Change(t.Context(), vault.User("ann"), "3", vault.Change{Disabled: &off}); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, p, "7 2 1 6")
	if err := p.Remove(t.Context(), vault.Server(), "1"); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, p, "7 2 6")
}

func TestWhatAnotherProcessChangesIsSeenByALook(t *testing.T) {
	t.Parallel()
	m, master := newMemory(), written(seal.NewMaster())
	here, there := newProcess(t, m, master), newProcess(t, m, master)
	here.add(t, "1", vault.Server())
	wantUsable(t, there, "1")
	list, err := there.ring.Usable(t.Context(), "a", "ann")
	if err != nil {
		t.Fatal(err)
	}
	here.add(t, "2", vault.Server())
	if err := here.Remove(t.Context(), vault.Server(), "1"); err != nil {
		t.Fatal(err)
	}
	if err := there.ring.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, there, "2")
	if _, err := there.ring.Open(t.Context(), &list[0]); !fault.Is(err, fault.NoKey) {
		t.Errorf("a removed key opens: %v", err)
	}
	read := m.lists
	if err := there.ring.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if wantUsable(t, there, "2"); m.lists != read {
		t.Error("a look at what has not changed lets go of it")
	}
}

// What was read before a change must not be held after it.
func TestAListThatIsOvertakenIsNotHeld(t *testing.T) {
	t.Parallel()
	m := newMemory()
	p := newProcess(t, m, written(seal.NewMaster()))
	p.add(t, "1", vault.Server())
	var once sync.Once
	m.before = func() {
		once.Do(func() {
			if err := p.Remove(t.Context(), vault.Server(), "1"); err != nil {
				t.Error(err)
			}
		})
	}
	if _, err := p.ring.Usable(t.Context(), "a", "ann"); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, p, "")
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

// A process hears by itself of a master key that another one seals with already.
func TestANewMasterKeyIsLookedFor(t *testing.T) {
	t.Parallel()
	m := newMemory()
	file := seal.NewMaster()
	source := func(context.Context) (string, error) { return file, nil }
	here, there := newProcess(t, m, source), newProcess(t, m, source)
	here.add(t, "1", vault.Server())
	file += "\n" + seal.NewMaster()
	if r, err := here.Rotate(t.Context()); err != nil || r.Resealed != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	wantUsable(t, there, "1")
}

// While the master keys are read again everybody waits for it: nobody does without
// a key of theirs meanwhile, nor later.
func TestAllWaitForANewMasterKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		file := seal.NewMaster()
		here := newProcess(t, m, func(context.Context) (string, error) { return file, nil })
		var slow atomic.Bool
		var read atomic.Int32
		may := make(chan struct{})
		old := file
		there := newProcess(t, m, func(context.Context) (string, error) {
			if !slow.Load() {
				return old, nil
			}
			read.Add(1)
			<-may
			return file, nil
		})
		here.add(t, "1", vault.User("ann"))
		here.add(t, "2", vault.Server())
		file += "\n" + seal.NewMaster()
		if _, err := here.Rotate(t.Context()); err != nil {
			t.Fatal(err)
		}
		slow.Store(true)
		hasty, leave := context.WithCancel(t.Context())
		var group sync.WaitGroup
		group.Go(func() { _, _ = there.ring.Usable(hasty, "a", "ann") }) // begins the reading, and leaves
		synctest.Wait()
		for range 4 {
			group.Go(func() { wantUsable(t, there, "1 2") })
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		close(may)
		group.Wait()
		if n := read.Load(); n != 1 {
			t.Errorf("the master keys were read %d times, want once", n)
		}
		wantUsable(t, there, "1 2")
	})
}

// A list without a key whose master key is missing is not held, and an own key that
// cannot be read stays in it: the server's must not be taken, and charged, instead.
func TestAnOwnKeyThatCannotBeReadIsNotPassedBy(t *testing.T) {
	t.Parallel()
	m := newMemory()
	older, newer := seal.NewMaster(), seal.NewMaster()
	before := newProcess(t, m, written(older))
	for id, o := range map[string]vault.Owner{"1": vault.User("ann"), "2": vault.Account("a"), "3": vault.Server()} {
		before.add(t, id, o)
	}
	text := newer
	p := newProcess(t, m, func(context.Context) (string, error) { return text, nil })
	p.add(t, "4", vault.Server())
	all, err := p.ring.Usable(t.Context(), "a", "ann")
	if err != nil || len(all) != 3 || all[0].ID != "1" || all[1].ID != "2" || all[2].ID != "4" || all[0].Weight != 0 || all[2].Weight != 1 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, whose := range []string{"Your own key for anthropic", "Your account's own key"} {
		_, err := p.ring.Open(t.Context(), &all[i])
		if says := fault.Of(err).Public(); !fault.Is(err, fault.NoKey) || !strings.Contains(says, whose) || !strings.Contains(says, "try again in a minute") {
			t.Errorf("%s: %v", all[i].ID, err)
		}
	}
	text = older + "\n" + newer // as another process' reading, or the operator, brings it
	if err := p.sealer.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, p, "1 2 3 4")
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

func TestNotesAreWrittenSparingly(t *testing.T) {
	t.Parallel()
	m := newMemory()
	p := newProcess(t, m, written(seal.NewMaster()))
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, step := range []struct {
		after   time.Duration
		trouble fault.Kind
		written int // in all
	}{
		{0, 0, 1},
		{time.Second, 0, 1},
		{30 * time.Second, fault.ProviderRateLimited, 2},
		{31 * time.Second, 0, 3},
		{32 * time.Second, 0, 3},
		{20 * time.Second, fault.ProviderAuth, 3}, // told late
		{2 * time.Minute, 0, 4},
	} {
		p.Note(vault.Note{Key: "1", At: start.Add(step.after), Trouble: step.trouble})
		if err := p.ring.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(m.notes) != step.written {
			t.Errorf("after %v: %d written, want %d", step.after, len(m.notes), step.written)
		}
	}
	m.broken = errors.New("gone")
	p.Note(vault.Note{Key: "1", At: start.Add(time.Hour)})
	if err := p.ring.Flush(t.Context()); err == nil {
		t.Error("no error")
	}
	if err := p.ring.Flush(t.Context()); err != nil || len(m.notes) != 5 {
		t.Errorf("what could not be written is lost: %d, %v", len(m.notes), err)
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

func BenchmarkUsable(b *testing.B) {
	m := newMemory()
	s, err := seal.New(b.Context(), seal.Options{Source: written(seal.NewMaster())})
	if err != nil {
		b.Fatal(err)
	}
	r := vault.NewRing(vault.RingOptions{Store: m, Sealer: s, Logger: slog.New(slog.DiscardHandler)})
	v := vault.New(r, nil)
	for _, id := range []vault.KeyID{"1", "2", "3"} {
		if _, _, err := v.Add(b.Context(), vault.Key{ID: id, Owner: vault.Server(), Provider: "anthropic"}, vault.NewSecret("sk-0123456789abcdef")); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		all, err := r.Usable(b.Context(), "a", "ann")
		if err != nil {
			b.Fatal(err)
		}
		if _, err := r.Open(b.Context(), &all[0]); err != nil {
			b.Fatal(err)
		}
	}
}

// written is a seal.Source: a text.
func written(text string) seal.Source {
	return func(context.Context) (string, error) { return text, nil }
}
