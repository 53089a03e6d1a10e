package provider_test

import (
	"errors"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

func TestWhatIsAskedInAModelsPlace(t *testing.T) {
	t.Parallel()
	fallbacks := map[string][]string{haiku: {"openai/gpt-x", "gemini/g", "box/b", "no-such/model"}}
	server := vault.Server()
	box := provider.Endpoint{Provider: "box", API: provider.OpenAIChat, BaseURL: "http://box", KeyID: "config"}
	for _, tc := range []struct {
		name  string
		keys  []vault.Key
		model string
		want  string
	}{
		{"the operator's keys", []vault.Key{key("A", server, "anthropic", 1), key("O1", server, "openai", 1), key("O2", server, "openai", 1)}, haiku,
			"A openai/gpt-x:O1 openai/gpt-x:O2 box/b:config"},
		{"a snapshot of it", []vault.Key{key("A", server, "anthropic", 1)}, haiku + "-20261001", "A box/b:config"},
		{"another model", []vault.Key{key("A", server, "anthropic", 1)}, "anthropic/claude-opus-5", "A"},
		{"one's own keys: never the operator's", []vault.Key{key("A", mine, "anthropic", 1), key("O", server, "openai", 1)}, haiku, "A"},
		{"one's own keys: one's own", []vault.Key{key("A", mine, "anthropic", 1), key("G", mine, "gemini", 1), key("O", server, "openai", 1)}, haiku, "A gemini/g:G"},
		{"the operator's keys: never one's own", []vault.Key{key("G", mine, "gemini", 1), key("A", server, "anthropic", 1)}, haiku, "A box/b:config"},
	} {
		d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: tc.keys}, Fallbacks: fallbacks, Endpoints: []provider.Endpoint{box}})
		if got := ways(route(t, d, provider.Caller{}, tc.model)); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// Where a key is the operator's its address is his word; what somebody else has
// stored is guarded.
func TestWhatIsGuarded(t *testing.T) {
	t.Parallel()
	for owner, want := range map[vault.Owner]bool{mine: true, ours: true, vault.Server(): false} {
		k := key("K", owner, "box", 1)
		k.BaseURL = "https://box.example.com/v1"
		d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: []vault.Key{k}}})
		r := route(t, d, provider.Caller{}, "box/b")
		if r.Endpoint.Guarded != want || r.Endpoint.Own() != want || r.Endpoint.API != provider.OpenAIChat {
			t.Errorf("%v: %+v", owner, r.Endpoint)
		}
	}
	d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: []vault.Key{key("K", mine, "anthropic", 1)}}})
	if r := route(t, d, provider.Caller{}, haiku); r.Endpoint.Guarded {
		t.Error("the vendor's own address is guarded")
	}
}

func TestKeysAreOpenedWhenTheyAreNeeded(t *testing.T) {
	t.Parallel()
	gone := key("G", mine, "anthropic", 1)
	gone.Hint = "gone"
	d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: []vault.Key{key("A", mine, "anthropic", 1), gone}}})
	r := route(t, d, provider.Caller{}, haiku)
	if !r.Endpoint.Key.Empty() {
		t.Error("a key is open before its call")
	}
	if e, err := d.Open(t.Context(), r.Endpoint); err != nil || e.Key.Reveal() != "secret of A" || e.KeyID != "A" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := d.Open(t.Context(), r.Others[0].Endpoint); !fault.Is(err, fault.NoKey) {
		t.Errorf("a removed key: %v, want NoKey", err)
	}
}

func TestAVaultThatIsAway(t *testing.T) {
	t.Parallel()
	away := fault.Wrap(errors.New("down"), fault.Unavailable, "")
	d := directory(t, provider.DirectoryOptions{Keys: &ring{err: away}})
	if _, err := d.Route(t.Context(), provider.Caller{}, haiku); !fault.Is(err, fault.Unavailable) {
		t.Errorf("%v, want Unavailable", err)
	}
	if _, problems := d.Models(t.Context(), provider.Caller{}); len(problems) != 1 || !fault.Is(problems[0].Err, fault.Unavailable) {
		t.Errorf("%v, want one problem", problems)
	}
}

// Several keys of a provider offer its models once; what stands there is asked
// with the first.
func TestModelsOfSeveralKeys(t *testing.T) {
	t.Parallel()
	offers := &offering{names: []string{"b"}, asked: make(chan provider.Endpoint, 9)}
	keys := []vault.Key{key("A", mine, "box", 1), key("B", mine, "box", 1)}
	for i := range keys {
		keys[i].BaseURL = "https://box.example.com/v1"
	}
	d := directory(t, provider.DirectoryOptions{Keys: &ring{keys: keys}, Vendors: map[provider.API]provider.Provider{provider.OpenAIChat: offers}, NoProbe: true})
	all, problems := d.Models(t.Context(), provider.Caller{})
	n := 0
	for _, o := range all {
		if o.ID() == "box/b" && o.Usable {
			n++
		}
	}
	if n != 1 || len(problems) != 0 || len(offers.asked) != 1 {
		t.Errorf("offered %d times, asked %d times, %v", n, len(offers.asked), problems)
	}
	if e := <-offers.asked; e.Key.Reveal() != "secret of A" {
		t.Errorf("asked with %+v", e)
	}
}

func TestARequestForAnotherModel(t *testing.T) {
	t.Parallel()
	half := 0.5
	type limits struct{ most, output int64 }
	for _, tc := range []struct {
		name string
		r    limits
		m    provider.Model
		want limits
		ok   bool
	}{
		{"nothing is known", limits{}, provider.Model{}, limits{}, true},
		{"asked for so much", limits{1000, 64000}, provider.Model{Output: 8000}, limits{1000, 1000}, true},
		{"asked for more than it writes", limits{10000, 64000}, provider.Model{Output: 8000}, limits{8000, 8000}, true},
		{"writes less", limits{0, 64000}, provider.Model{Output: 8000}, limits{0, 8000}, true},
		{"writes more: no more than was held for", limits{0, 8000}, provider.Model{Output: 64000}, limits{8000, 8000}, true},
		{"its window bounds the answer", limits{0, 8000}, provider.Model{Output: 8000, Context: 2000}, limits{1000, 1000}, true},
		{"how much it writes is not known: no more than was held for", limits{0, 8000}, provider.Model{}, limits{8000, 8000}, true},
		{"its window is full", limits{}, provider.Model{Context: 1000}, limits{}, false},
	} {
		r := provider.Request{Model: "asked", MaxTokens: tc.r.most, OutputLimit: tc.r.output, Temperature: &half}
		tc.m.Name = "other"
		got, ok := r.For(tc.m, 1000)
		if ok != tc.ok {
			t.Errorf("%s: %v", tc.name, ok)
		} else if ok && (got.Model != "other" || got.Temperature != &half || (limits{got.MaxTokens, got.OutputLimit}) != tc.want) {
			t.Errorf("%s: %+v, want %+v", tc.name, got, tc.want)
		}
	}
	r := provider.Request{Temperature: &half}
	if got, _ := r.For(provider.Model{NoTemperature: true}, 0); got.Temperature != nil || r.Temperature == nil {
		t.Error("a temperature for a model that takes none")
	}
}
