package credential_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/client"
	"github.com/aichat-term/aichat/client/credential"
)

const origin = "https://chat.example.com"

var work = credential.Profile{Name: "work", URL: origin + "/", Origin: origin}

func tokens(n int) client.Tokens {
	return client.Tokens{
		Access: fmt.Sprintf("aichat_at_%d", n), Refresh: fmt.Sprintf("aichat_rt_%d", n), Session: "s", Lives: 900,
		Received:  time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		Endpoints: client.Endpoints{Token: origin + "/oauth/token"},
	}
}

func store(t *testing.T, r credential.Ring, mode credential.Mode) *credential.Store {
	t.Helper()
	return credential.New(credential.Options{Dir: filepath.Join(t.TempDir(), "aichat"), Ring: r, Mode: mode})
}

// signIn proves and keeps, as the command does.
func signIn(t *testing.T, s *credential.Store, p credential.Profile, n client.Tokens) credential.Place {
	t.Helper()
	place, err := s.Prove(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if place, err = s.SignIn(t.Context(), p, n, place); err != nil {
		t.Fatal(err)
	}
	return place
}

func load(t *testing.T, s *credential.Store) client.Tokens {
	t.Helper()
	got, err := s.Keeper("work", origin).Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestKept is the life of a session in either place.
func TestKept(t *testing.T) {
	t.Parallel()
	for _, kind := range []credential.Kind{credential.InKeyring, credential.InFile} {
		r, mode := newRing(), credential.Auto
		if kind == credential.InFile {
			mode = credential.FileOnly
		}
		s := store(t, r, mode)
		if place := signIn(t, s, work, tokens(1)); place.Kind != kind || place.Path != s.Path() {
			t.Errorf("%+v", place)
		}
		known, byDefault, err := s.Profiles()
		want := work
		want.Kept = kind
		if err != nil || byDefault != "work" || len(known) != 1 || known["work"] != want {
			t.Errorf("%+v, %q, %v", known, byDefault, err)
		}
		k := s.Keeper("work", origin)
		for n := 2; n < 7; n++ {
			if err := k.Save(t.Context(), tokens(n)); err != nil || load(t, s) != tokens(n) {
				t.Errorf("%v, %v", load(t, s), err)
			}
		}
		b, err := os.ReadFile(s.Path())
		if holds := strings.Contains(string(b), "aichat_rt_6"); err != nil || holds != (kind == credential.InFile) {
			t.Errorf("%s: %s", kind, b)
		}
		if n := len(r.held); n != map[credential.Kind]int{credential.InKeyring: 1}[kind] {
			t.Errorf("the keyring holds %d secrets", n)
		}
		if err := k.Forget(t.Context(), tokens(5)); err != nil || load(t, s).Empty() {
			t.Errorf("newer tokens were forgotten; %v", err)
		}
		if err := s.SignOut(t.Context(), "work"); err != nil || !load(t, s).Empty() || len(r.held) > 0 {
			t.Errorf("%v is kept, and %d in the keyring, %v", load(t, s), len(r.held), err)
		}
		if err := k.Save(t.Context(), tokens(9)); err != nil || !load(t, s).Empty() {
			t.Errorf("who signed out is signed in again; %v", err)
		}
		known, byDefault, err = s.Profiles()
		if err != nil || byDefault != "" || known["work"].URL != work.URL || known["work"].Kept != credential.Nowhere {
			t.Errorf("%+v, %q, %v", known, byDefault, err)
		}
	}
}

// TestOriginsAreApart holds that a profile's tokens are those of one origin.
func TestOriginsAreApart(t *testing.T) {
	t.Parallel()
	r := newRing()
	s := store(t, r, credential.Auto)
	signIn(t, s, work, tokens(1))
	strange := s.Keeper("work", "https://evil.example")
	if got, err := strange.Load(t.Context()); err != nil || !got.Empty() {
		t.Errorf("%v, %v", got, err)
	}
	if err := strange.Save(t.Context(), tokens(2)); err != nil || load(t, s) != tokens(1) {
		t.Errorf("%v", err)
	}
	moved := work
	moved.Origin, moved.URL = "https://new.example", "https://new.example"
	signIn(t, s, moved, tokens(3))
	if got := load(t, s); !got.Empty() || len(r.held) != 1 {
		t.Errorf("%v, and %d in the keyring", got, len(r.held))
	}
}

// TestNoPlaceAtAll is told before anybody is sent to a browser.
func TestNoPlaceAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aichat"), nil, 0o600); err != nil { // where the folder should be
		t.Fatal(err)
	}
	s := credential.New(credential.Options{Dir: filepath.Join(dir, "aichat"), Ring: newRing()})
	if _, err := s.Prove(t.Context()); err == nil {
		t.Error("proven")
	}
}

// TestManyAtOnce loses nothing of what several processes keep at the same time.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir, r := t.TempDir(), newRing()
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			s := credential.New(credential.Options{Dir: dir, Ring: r})
			p := work
			p.Name = fmt.Sprint("p", i)
			signIn(t, s, p, tokens(i))
			k := s.Keeper(p.Name, origin)
			for n := range 4 {
				if err := k.Save(t.Context(), tokens(100*i+n)); err != nil {
					t.Error(err)
				}
			}
			if got, err := k.Load(t.Context()); err != nil || got != tokens(100*i+3) {
				t.Errorf("%v, %v", got, err)
			}
		})
	}
	all.Wait()
	known, _, err := credential.New(credential.Options{Dir: dir, Ring: r}).Profiles()
	if err != nil || len(known) != 8 || len(r.held) != 8 {
		t.Errorf("%d profiles, %d secrets, %v", len(known), len(r.held), err)
	}
}

// TestLockBetweenProcesses keeps others waiting, and no longer than they want.
func TestLockBetweenProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	one := credential.New(credential.Options{Dir: dir, Ring: newRing()}).Keeper("work", origin)
	two := credential.New(credential.Options{Dir: dir, Ring: newRing()}).Keeper("work", origin)
	unlock, err := one.Lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := two.Lock(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	unlock()
	if unlock, err = two.Lock(t.Context()); err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestParseMode(t *testing.T) {
	t.Parallel()
	for text, good := range map[string]bool{"": true, "file": true, "keyring": true, "Keyring": false, "none": false} {
		if _, err := credential.ParseMode(text); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}
}
