package provider_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// ring is a vault in memory: everybody may use what it lists.
type ring struct {
	keys []vault.Key
	err  error

	mu    sync.Mutex
	notes []vault.Note
}

func (r *ring) Usable(context.Context, identity.AccountID, identity.UserID) ([]vault.Key, error) {
	return r.keys, r.err
}

func (r *ring) Open(_ context.Context, k *vault.Key) (vault.Secret, error) {
	if k.Hint == "gone" {
		return vault.Secret{}, fault.New(fault.NoKey, "It was removed.")
	}
	return vault.NewSecret("secret of " + string(k.ID)), nil
}

func (r *ring) Note(n vault.Note) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notes = append(r.notes, n)
}

func key(id string, owner vault.Owner, of string, weight int) vault.Key {
	return vault.Key{ID: vault.KeyID(id), Owner: owner, Provider: of, Weight: weight}
}

var mine, ours = vault.User("u"), vault.Account("a")

// ways are the keys of a route, in order, with the provider where it is another.
func ways(r provider.Route) string {
	all := []string{r.Endpoint.KeyID}
	for _, o := range r.Others {
		if o.Model.ID() == r.Model.ID() {
			all = append(all, o.Endpoint.KeyID)
		} else {
			all = append(all, o.Model.ID()+":"+o.Endpoint.KeyID)
		}
	}
	return strings.Join(all, " ")
}

const haiku = "anthropic/claude-haiku-4-5"

func route(t *testing.T, d *provider.Directory, c provider.Caller, model string) provider.Route {
	t.Helper()
	r, err := d.Route(t.Context(), c, model)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestWhoseKeyIsTaken(t *testing.T) {
	t.Parallel()
	of := func(owners ...vault.Owner) (keys []vault.Key) {
		for _, o := range owners {
			keys = append(keys, key(string(o.Kind)+"1", o, "anthropic", 1), key(string(o.Kind)+"2", o, "anthropic", 1))
		}
		return keys
	}
	for _, tc := range []struct {
		name string
		keys []vault.Key
		env  map[string]string
		want string
	}{
		{"the terminal's before all", of(mine, ours, vault.Server()), map[string]string{"ANTHROPIC_API_KEY": "k"}, "env"},
		{"the user's own", of(mine, ours, vault.Server()), nil, "user1 user2"},
		{"the account's own", of(ours, vault.Server()), nil, "account1 account2"},
		{"the server's, with the configuration's", of(vault.Server()), nil, "server1 server2 config"},
		{"the configuration's", nil, nil, "config"},
		{"one that rests at its weight of 0", []vault.Key{key("spare", vault.Server(), "anthropic", 0)}, nil, "config spare"},
		{"only a spare one", []vault.Key{key("spare", mine, "anthropic", 0)}, nil, "spare"},
	} {
		d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: tc.keys},
			Endpoints: []provider.Endpoint{{Provider: "anthropic", API: provider.Anthropic, KeyID: "config"}}})
		if got := ways(route(t, d, provider.Caller{Env: tc.env}, haiku)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// An own key that cannot be read is listed at a weight of 0: the call fails with it,
// and nobody else pays.
func TestTheOperatorDoesNotStandInForAnOwnKey(t *testing.T) {
	t.Parallel()
	unread := key("unread", mine, "anthropic", 0)
	unread.Hint = "gone"
	d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: []vault.Key{unread, key("server", vault.Server(), "anthropic", 1)}},
		Endpoints: []provider.Endpoint{{Provider: "anthropic", API: provider.Anthropic, KeyID: "config"}}})
	for _, model := range []string{haiku, ""} {
		r := route(t, d, provider.Caller{}, model)
		if got := ways(r); got != "unread" || !r.Endpoint.Own() {
			t.Errorf("%q goes by %q", model, got)
		}
		if _, err := d.Open(t.Context(), r.Endpoint); !fault.Is(err, fault.NoKey) {
			t.Errorf("%q: %v, want NoKey", model, err)
		}
	}
}

// The server's key that cannot be read is told of only where there is no other: not
// "no key", and not the demo.
func TestAServersKeyThatCannotBeReadIsTheLast(t *testing.T) {
	t.Parallel()
	unread := key("unread", vault.Server(), "anthropic", 0)
	unread.Unread = true
	for _, tc := range []struct {
		name      string
		keys      []vault.Key
		endpoints []provider.Endpoint
		model     string
		want      string
	}{
		{"the only one", nil, nil, haiku, "unread"},
		{"the only one, by default", nil, nil, "", "unread"},
		{"beside another of the vault", []vault.Key{key("1", vault.Server(), "anthropic", 1)}, nil, haiku, "1"},
		{"beside one of the configuration", nil, []provider.Endpoint{{Provider: "anthropic", API: provider.Anthropic, KeyID: "config"}}, haiku, "config"},
		{"beside one's own", []vault.Key{key("1", mine, "anthropic", 1)}, nil, haiku, "1"},
		{"beside another provider's, by default", []vault.Key{key("1", vault.Server(), "openai", 1)}, nil, "", "1"},
	} {
		d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: append([]vault.Key{unread}, tc.keys...)}, Endpoints: tc.endpoints})
		if got := ways(route(t, d, provider.Caller{}, tc.model)); got != tc.want {
			t.Errorf("%s: goes by %q, want %q", tc.name, got, tc.want)
		}
	}
}

func TestKeysTakeTurnsByTheirWeights(t *testing.T) {
	t.Parallel()
	s := vault.Server()
	for want, keys := range map[string][]vault.Key{
		"ABABABAB":   {key("A", s, "anthropic", 1), key("B", s, "anthropic", 1)},
		"ABAABAABA":  {key("A", s, "anthropic", 2), key("B", s, "anthropic", 1)},
		"AABACAA":    {key("A", s, "anthropic", 5), key("B", s, "anthropic", 1), key("C", s, "anthropic", 1)},
		"AAAA":       {key("A", s, "anthropic", 1), key("B", s, "anthropic", 0)},
		"ABCABCABC":  {key("A", s, "anthropic", 7), key("B", s, "anthropic", 7), key("C", s, "anthropic", 7)},
		"AAAAAAAAAA": {key("A", s, "anthropic", 3)},
	} {
		d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: keys}})
		var got strings.Builder
		for range want {
			d.Models(t.Context(), provider.Caller{}) // a look at the list is no turn
			got.WriteString(route(t, d, provider.Caller{}, haiku).Endpoint.KeyID)
		}
		if got.String() != want {
			t.Errorf("turns %s, want %s", &got, want)
		}
	}
}

func TestAConversationKeepsItsKey(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	d := directory(t, provider.DirectoryOptions{Now: func() time.Time { return now }, Keys: &ring{keys: []vault.Key{
		key("A", vault.Server(), "anthropic", 1), key("B", vault.Server(), "anthropic", 1)}}})
	ask := func(conversation string) provider.Route {
		return route(t, d, provider.Caller{Conversation: conversation}, haiku)
	}
	if first, second := ask("one"), ask("two"); ways(first) != "A B" || ways(second) != "B A" {
		t.Errorf("first %s, second %s", ways(first), ways(second))
	}
	theirs := route(t, d, provider.Caller{Account: "another", Conversation: "two"}, haiku)
	if got := ways(theirs); got != "A B" {
		t.Errorf("another account's conversation of that name: %s", got)
	}
	for range 3 {
		if got := ways(ask("two")); got != "B A" {
			t.Errorf("its key has changed: %s", got)
		}
	}
	b := ask("two")
	d.Note(&b.Endpoint, &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: time.Minute})
	if got := ways(ask("two")); got != "A B" {
		t.Errorf("its key rests: %s", got)
	}
	now = now.Add(2 * time.Hour)
	if got := ways(ask("three")); got != "B A" {
		t.Errorf("after a rest: %s", got)
	}
}

func TestRefusedKeysRest(t *testing.T) {
	t.Parallel()
	limited := func(after time.Duration) error {
		return &fault.Error{Kind: fault.ProviderRateLimited, RetryAfter: after}
	}
	for _, tc := range []struct {
		name string
		err  error
		rest time.Duration // 0: none
		note bool
	}{
		{"refused", fault.New(fault.ProviderAuth, ""), 15 * time.Minute, true},
		{"without credit", fault.New(fault.ProviderQuota, ""), 15 * time.Minute, true},
		{"too fast", limited(0), 30 * time.Second, true},
		{"too fast, told until when", limited(7 * time.Minute), 7 * time.Minute, true},
		{"too fast for a day", limited(24 * time.Hour), time.Hour, true},
		{"well", nil, 0, true},
		{"overloaded", fault.New(fault.ProviderOverloaded, ""), 0, false},
		{"refused the request", fault.New(fault.ProviderRefused, ""), 0, false},
		{"cancelled", context.Canceled, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
			keys := &ring{keys: []vault.Key{key("A", vault.Server(), "anthropic", 1), key("B", vault.Server(), "anthropic", 1)}}
			d := directory(t, provider.DirectoryOptions{Now: func() time.Time { return now }, Keys: keys})
			a := route(t, d, provider.Caller{}, haiku)
			d.Note(&a.Endpoint, tc.err)
			rests := func() bool {
				for range 3 {
					if route(t, d, provider.Caller{}, haiku).Endpoint.KeyID == "A" {
						return false
					}
				}
				return true
			}
			if rests() != (tc.rest > 0) {
				t.Errorf("it rests: %v", rests())
			}
			if until := d.RestsUntil("anthropic", "A"); until.IsZero() != (tc.rest == 0) || tc.rest > 0 && !until.Equal(now.Add(tc.rest)) {
				t.Errorf("it is said to rest until %v", until)
			}
			if now = now.Add(tc.rest - time.Second); tc.rest > 0 && !rests() {
				t.Errorf("it has rested for %v only", tc.rest-time.Second)
			}
			if now = now.Add(time.Second); rests() {
				t.Errorf("it rests for longer than %v", tc.rest)
			}
			var want []vault.Note
			if tc.note {
				want = []vault.Note{{Key: "A", At: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)}}
				if tc.err != nil {
					want[0].Trouble = fault.Of(tc.err).Kind
				}
			}
			if !slices.Equal(keys.notes, want) {
				t.Errorf("the vault was told %v, want %v", keys.notes, want)
			}
		})
	}
}

// A key that serves again needs no more rest; where all rest, the first to wake is
// tried first: what its provider says then is the truth.
func TestWhereAllKeysRest(t *testing.T) {
	t.Parallel()
	d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: []vault.Key{
		key("A", mine, "anthropic", 1), key("B", mine, "anthropic", 1), key("spare", mine, "anthropic", 0)}}})
	r := route(t, d, provider.Caller{}, haiku)
	a, b, spare := r.Endpoint, r.Others[0].Endpoint, r.Others[1].Endpoint
	d.Note(&a, fault.New(fault.ProviderAuth, ""))
	d.Note(&b, fault.New(fault.ProviderRateLimited, ""))
	if got := ways(route(t, d, provider.Caller{}, haiku)); got != "spare B A" {
		t.Errorf("two rest: %s", got)
	}
	d.Note(&spare, fault.New(fault.ProviderQuota, ""))
	if got := ways(route(t, d, provider.Caller{}, haiku)); !strings.HasPrefix(got, "B ") {
		t.Errorf("all rest: %s", got)
	}
	d.Note(&a, nil)
	if got := ways(route(t, d, provider.Caller{}, haiku)); !strings.HasPrefix(got, "A B") {
		t.Errorf("one has served again: %s", got)
	}
}
