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
	"testing/synctest"
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

// ring is a keyring in memory, with the faults that real ones have.
type ring struct {
	mu     sync.Mutex
	held   map[string]string
	most   int                // bytes that it takes; 0: any
	refuse func(string) error // before each call, of its name
	lies   bool               // it returns something else
	calls  int
	hang   chan struct{} // not nil: calls wait for it
}

func newRing() *ring { return &ring{held: map[string]string{}} }

func (r *ring) enter(call string) error {
	if r.hang != nil {
		<-r.hang
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	if r.refuse != nil {
		return r.refuse(call)
	}
	return nil
}

func (r *ring) Set(name, secret string) error {
	if err := r.enter("set"); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.most > 0 && len(secret) > r.most {
		return errors.New("data passed to Set was too big")
	}
	r.held[name] = secret
	return nil
}

func (r *ring) Get(name string) (string, error) {
	if err := r.enter("get"); err != nil {
		return "", err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	secret, ok := r.held[name]
	if !ok {
		return "", credential.ErrNotFound
	}
	if r.lies {
		secret = secret[1:]
	}
	return secret, nil
}

func (r *ring) Delete(name string) error {
	if err := r.enter("delete"); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, ok := r.held[name]; !ok {
		return credential.ErrNotFound
	}
	delete(r.held, name)
	return nil
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

// TestLargeSecretsAreSplit has tokens of any length go in and out.
func TestLargeSecretsAreSplit(t *testing.T) {
	t.Parallel()
	r := newRing()
	r.most = 1200
	s := store(t, r, credential.KeyringOnly)
	for _, length := range []int{1, 1000, 1200, 1201, 30_000} {
		large := tokens(1)
		large.Access = strings.Repeat("x", length)
		signIn(t, s, work, large)
		if load(t, s) != large {
			t.Errorf("%d bytes do not come back", length)
		}
	}
	signIn(t, s, work, tokens(1))
	if len(r.held) != 1 {
		t.Errorf("%d pieces are left", len(r.held))
	}
}

// TestBadKeyrings has each of their faults be found before anybody is sent to a
// browser, and cost nobody the sign-in.
func TestBadKeyrings(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]*ring{
		"takes little":    {held: map[string]string{}, most: 1199},
		"takes nothing":   {held: map[string]string{}, refuse: func(string) error { return errors.New("locked") }},
		"forgets":         {held: map[string]string{}, refuse: func(call string) error { return map[string]error{"get": credential.ErrNotFound}[call] }},
		"cannot be read":  {held: map[string]string{}, refuse: func(call string) error { return map[string]error{"get": errors.New("no")}[call] }},
		"deletes nothing": {held: map[string]string{}, refuse: func(call string) error { return map[string]error{"delete": errors.New("no")}[call] }},
		"lies":            {held: map[string]string{}, lies: true},
	} {
		s := store(t, r, credential.Auto)
		if place := signIn(t, s, work, tokens(1)); place.Kind != credential.InFile || place.Why == nil || load(t, s) != tokens(1) {
			t.Errorf("%s: %+v", name, place)
		}
		s = store(t, r, credential.KeyringOnly)
		if _, err := s.Prove(t.Context()); !isKeyring(err) {
			t.Errorf("%s: %v", name, err)
		}
		r.calls = 0
		s = store(t, r, credential.FileOnly)
		if signIn(t, s, work, tokens(1)); r.calls > 0 {
			t.Errorf("%s: it was asked", name)
		}
	}
}

func isKeyring(err error) bool { _, yes := errors.AsType[*credential.KeyringError](err); return yes }

// TestKeyringThatHangs is waited for once, for three seconds.
func TestKeyringThatHangs(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newRing()
		s := store(t, r, credential.Auto)
		signIn(t, s, work, tokens(1))
		r.hang = make(chan struct{})
		defer close(r.hang)
		began := time.Now()
		if _, err := s.Keeper("work", origin).Load(t.Context()); !isKeyring(err) {
			t.Errorf("%v", err)
		}
		if place := signIn(t, s, work, tokens(2)); place.Kind != credential.InFile || place.Why == nil {
			t.Errorf("%+v", place)
		}
		if since := time.Since(began); since != 3*time.Second || load(t, s) != tokens(2) {
			t.Errorf("%v", since)
		}
	})
}

// TestKeyringThatGoes loses the keyring after it was proven, and after sign-in.
func TestKeyringThatGoes(t *testing.T) {
	t.Parallel()
	r := newRing()
	s := store(t, r, credential.Auto)
	place, err := s.Prove(t.Context())
	if err != nil || place.Kind != credential.InKeyring {
		t.Fatalf("%+v, %v", place, err)
	}
	gone := errors.New("gone")
	r.refuse = func(string) error { return gone }
	if place, err = s.SignIn(t.Context(), work, tokens(1), place); err != nil || place.Kind != credential.InFile || !errors.Is(place.Why, gone) || load(t, s) != tokens(1) {
		t.Errorf("%+v, %v", place, err)
	}
	r.refuse = nil
	signIn(t, s, work, tokens(2))
	r.refuse = func(string) error { return gone }
	if err := s.Keeper("work", origin).Save(t.Context(), tokens(3)); err != nil || load(t, s) != tokens(3) {
		t.Errorf("%v, %v", load(t, s), err)
	}
}

// TestKeyringOfAnotherMachine finds the list of profiles on a shared disk, and
// not the tokens.
func TestKeyringOfAnotherMachine(t *testing.T) {
	t.Parallel()
	r := newRing()
	s := store(t, r, credential.Auto)
	signIn(t, s, work, tokens(1))
	clear(r.held)
	if got := load(t, s); !got.Empty() {
		t.Errorf("%v", got)
	}
}

func TestFileIsTheOwnersAlone(t *testing.T) {
	t.Parallel()
	s := store(t, newRing(), credential.FileOnly)
	signIn(t, s, work, tokens(1))
	info, err := os.Stat(s.Path())
	dir, dirErr := os.Stat(filepath.Dir(s.Path()))
	if err != nil || dirErr != nil || info.Mode().Perm() != 0o600 || dir.Mode().Perm() != 0o700 {
		t.Errorf("%v in %v; %v, %v", info.Mode(), dir.Mode(), err, dirErr)
	}
	for _, mode := range []os.FileMode{0o644, 0o640, 0o620, 0o602} {
		if err := os.Chmod(s.Path(), mode); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Profiles()
		if _, unsafe := errors.AsType[*credential.UnsafeError](err); !unsafe || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%v: %v", mode, err)
		}
		if _, err := s.Prove(t.Context()); err == nil {
			t.Errorf("%v: proven", mode)
		}
		if _, err := s.Keeper("work", origin).Load(t.Context()); err == nil {
			t.Errorf("%v: loaded", mode)
		}
	}
}

// TestBrokenFile says so, does not quote what stands in it, and is moved aside by
// the next sign-in.
func TestBrokenFile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "{", `{"version":1,"profiles":{"work":null}}`, `{"version":"secret"}`, "[1]", "\x00\x00"} {
		s := store(t, newRing(), credential.FileOnly)
		signIn(t, s, work, tokens(1))
		if err := os.WriteFile(s.Path(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err := s.Profiles()
		if _, yes := errors.AsType[*credential.CorruptError](err); !yes || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", text, err)
		}
		place := signIn(t, s, work, tokens(2))
		if place.Aside != s.Path()+".broken" && place.Aside != "" || load(t, s) != tokens(2) {
			t.Errorf("%q: %+v", text, place)
		}
		if b, err := os.ReadFile(s.Path() + ".broken"); err != nil || string(b) != text {
			t.Errorf("%q was moved as %q, %v", text, b, err)
		}
	}
	s := store(t, newRing(), credential.FileOnly)
	signIn(t, s, work, tokens(1))
	newer := []byte(`{"version":2,"profiles":{}}`)
	if err := os.WriteFile(s.Path(), newer, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Prove(t.Context()); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("a newer program's file: %v", err)
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

func TestLinkIsKept(t *testing.T) {
	t.Parallel()
	s := store(t, newRing(), credential.FileOnly)
	target := filepath.Join(t.TempDir(), "elsewhere.json")
	if err := errors.Join(os.MkdirAll(filepath.Dir(s.Path()), 0o700), os.WriteFile(target, []byte(`{"version":1}`), 0o600), os.Symlink(target, s.Path())); err != nil {
		t.Fatal(err)
	}
	signIn(t, s, work, tokens(1))
	if to, err := os.Readlink(s.Path()); err != nil || to != target || load(t, s) != tokens(1) {
		t.Errorf("%s, %v", to, err)
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
