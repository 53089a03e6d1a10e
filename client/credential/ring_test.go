package credential_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aichat-term/aichat/client/credential"
)

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
