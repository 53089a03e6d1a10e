package vault_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/logtest"
	"github.com/aichat-term/aichat/server/vault"
	"github.com/aichat-term/aichat/server/vault/seal"
)

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
	if err != nil || len(all) != 4 {
		t.Fatalf("%+v, %v", all, err)
	}
	for i, want := range []struct {
		id     vault.KeyID
		unread string // what is said of it; empty: it can be read
	}{{"1", "Your own key for anthropic"}, {"2", "Your account's own key"}, {"4", ""}, {"3", "The server's key"}} {
		if k := &all[i]; k.ID != want.id || k.Unread != (want.unread != "") || k.Unread == (k.Weight > 0) {
			t.Errorf("%d is %+v, want %+v", i, k, want)
		}
		if want.unread == "" {
			continue
		}
		_, err := p.ring.Open(t.Context(), &all[i])
		if says := fault.Of(err).Public(); !fault.Is(err, fault.NoKey) || !strings.Contains(says, want.unread) || !strings.Contains(says, "try again in a minute") {
			t.Errorf("%s: %v", want.id, err)
		}
	}
	text = older + "\n" + newer // as another process' reading, or the operator, brings it
	if err := p.sealer.Reload(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantUsable(t, p, "1 2 3 4")
}

// A master key that is put back is found by whoever asks first: a call, a list or a
// test of a key. Until then its owner is told what this server's owner can do.
func TestAMasterKeyThatIsPutBackIsFound(t *testing.T) {
	t.Parallel()
	m, kept := newMemory(), seal.NewMaster()
	newProcess(t, m, written(kept)).add(t, "1", vault.User("ann"))
	asks := map[string]func(p process) (bool, error){
		"a call": func(p process) (bool, error) {
			all, err := p.ring.Usable(t.Context(), "a", "ann")
			return err == nil && !all[0].Unread, err
		},
		"a list": func(p process) (bool, error) {
			all, err := p.List(t.Context(), vault.User("ann"))
			return err == nil && all[0].Readable, err
		},
		"a test": func(p process) (bool, error) {
			_, _, err := p.Open(t.Context(), vault.User("ann"), "1")
			if fault.Is(err, fault.NoKey) && fault.Of(err).Public() == "The key cannot be read. Look under the mat." {
				return false, nil
			}
			return err == nil, err
		},
	}
	for name, found := range asks {
		file, now := "", time.Unix(0, 0)
		source := func(context.Context) (string, error) { return file, nil }
		s := newSealer(t, source)
		ring := vault.NewRing(vault.RingOptions{Store: m, Sealer: s, Logger: slog.New(slog.DiscardHandler), Now: func() time.Time { return now },
			RereadEvery: time.Second, Missing: func() string { return "Look under the mat." }})
		p := process{vault.New(ring, nil), ring, s}
		if there, err := found(p); there || err != nil {
			t.Errorf("%s: there already: %v, %v", name, there, err)
		}
		file, now = kept, now.Add(time.Second)
		if there, err := found(p); !there || err != nil {
			t.Errorf("%s: not found: %v, %v", name, there, err)
		}
	}
}

// That a master key is not there is logged when it is looked for, and not for each
// call that wants a key of its.
func TestAMissingMasterKeyIsLoggedSparingly(t *testing.T) {
	t.Parallel()
	m, now := newMemory(), time.Unix(0, 0)
	newProcess(t, m, written(seal.NewMaster())).add(t, "1", vault.Server())
	var log logtest.Log
	ring := vault.NewRing(vault.RingOptions{Store: m, Sealer: newSealer(t, written(seal.NewMaster())),
		Logger: slog.New(slog.NewTextHandler(&log, nil)), Now: func() time.Time { return now }})
	for minute := 1; minute <= 3; minute++ {
		for range 10 {
			if all, err := ring.Usable(t.Context(), "a", "ann"); err != nil || !all[0].Unread {
				t.Fatalf("%v, %v", all, err)
			}
		}
		if n := strings.Count(log.String(), "\n"); n != minute {
			t.Errorf("after %d minutes there are %d lines:\n%s", minute, n, &log)
		}
		now = now.Add(time.Minute)
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
