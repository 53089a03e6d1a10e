package provider_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
)

func load(t *testing.T, overrides string) *provider.Catalogue {
	t.Helper()
	c, err := provider.LoadCatalogue([]byte(overrides))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Every vendor has a default and a small model, and every listed model all the
// figures that admission and the ledger need.
func TestTheEmbeddedCatalogueIsWhole(t *testing.T) {
	t.Parallel()
	c := load(t, "")
	for _, vendor := range []string{"anthropic", "openai", "gemini", "demo"} {
		if _, ok := c.Default(vendor); !ok {
			t.Errorf("%s has no default model", vendor)
		}
		small, ok := c.Small(vendor)
		if !ok {
			t.Errorf("%s has no small model", vendor)
			continue
		}
		for _, m := range c.Models(vendor) {
			if small.Price.Output > m.Price.Output {
				t.Errorf("%s is small and dearer than %s", small.ID(), m.ID())
			}
		}
	}
	for _, m := range c.Models() {
		if m.Price == nil || m.Context == 0 || m.Output == 0 || !m.Listed || m.Title == "" {
			t.Errorf("%s lacks figures: %+v", m.ID(), m)
			continue
		}
		for _, p := range m.Prices {
			if p.CachedRead > p.Input || p.Input > p.Output || p.CachedWrite < p.Input || p.CachedWriteLong != 0 && p.CachedWriteLong != 2*p.Input {
				t.Errorf("%s has odd prices: %+v", m.ID(), p)
			}
		}
	}
}

func TestOverrides(t *testing.T) {
	t.Parallel()
	before := load(t, " \n")
	c := load(t, `{"models": [
		{"provider": "openai", "name": "gpt-6-luna", "context": 10, "output": 5},
		{"provider": "openai", "name": "house-model", "default": true},
		{"provider": "corp", "name": "llama/70b", "price": {"input": 1, "cached_read": 2, "cached_write": 3, "output": 4}}
	]}`)
	replaced, _ := c.Lookup("openai", "gpt-6-luna")
	if replaced.Context != 10 || replaced.Price != nil || replaced.Small || !replaced.Listed {
		t.Errorf("the entry was not replaced as a whole: %+v", replaced)
	}
	if was, is := index(before, replaced.ID()), index(c, replaced.ID()); was != is {
		t.Errorf("a replaced entry moved from %d to %d", was, is)
	}
	if m, _ := c.Default("openai"); m.Name != "house-model" {
		t.Errorf("default is %s, want the operator's", m.ID())
	}
	if _, ok := c.Small("openai"); ok {
		t.Error("a small model is left though its entry was replaced by one that is not")
	}
	if m, ok := c.Lookup("corp", "llama/70b"); !ok || m.Price.Output != 4 {
		t.Errorf("the added entry is %+v, %v", m, ok)
	}
	if m, _ := before.Default("openai"); m.Name == "house-model" {
		t.Error("an override changed another catalogue")
	}
}

func index(c *provider.Catalogue, id string) int {
	return slices.IndexFunc(c.Models(), func(m provider.Model) bool { return m.ID() == id })
}

func TestOverridesThatAreWrong(t *testing.T) {
	t.Parallel()
	entry := func(fields string) string {
		return "{\n\"models\": [\n{\"provider\": \"corp\", \"name\": \"first\", \"small\": true, \"default\": true},\n" + fields + "\n]}"
	}
	for name, tc := range map[string]struct{ file, line, says string }{
		"not JSON":        {"{\n\n<xml>", "line 3", "invalid character"},
		"cut short":       {"{\n\"models\": [", "line 2", "ends too early"},
		"a list":          {"[]", "line 1", "{ was expected"},
		"two documents":   {"{}\n{}", "line 2", "something follows"},
		"unknown section": {"{\"modles\": []}", "line 1", "modles"},
		"unknown field":   {entry(`{"provider": "corp", "name": "x", "prize": {}}`), "line 4", "prize"},
		"unknown price":   {entry(`{"provider": "corp", "name": "x", "price": {"inputs": 1}}`), "line 4", "inputs"},
		"wrong type":      {entry(`{"provider": "corp", "name": "x", "context": "big"}`), "line 4", "corp/x"},
		"a float":         {entry(`{"provider": "corp", "name": "x", "context": 1.5}`), "line 4", "1.5"},
		"no provider":     {entry(`{"name": "x"}`), "line 4", "provider"},
		"slash":           {entry(`{"provider": "co/rp", "name": "x"}`), "line 4", "slash"},
		"no name":         {entry(`{"provider": "corp"}`), "line 4", "name"},
		"spaces":          {entry(`{"provider": "corp", "name": "a b"}`), "line 4", "name"},
		"escape sequence": {entry(`{"provider": "corp", "name": "a\u001b[31m"}`), "line 4", "name"},
		"negative":        {entry(`{"provider": "corp", "name": "x", "context": -1}`), "line 4", "context"},
		"output over all": {entry(`{"provider": "corp", "name": "x", "context": 1, "output": 2}`), "line 4", "larger"},
		"negative price":  {entry(`{"provider": "corp", "name": "x", "price": {"output": -1}}`), "line 4", "price.output"},
		"absurd price":    {entry(`{"provider": "corp", "name": "x", "price": {"input": 1000000000001}}`), "line 4", "price.input"},
		"both prices":     {entry(`{"provider": "corp", "name": "x", "price": {"input": 1}, "prices": [{"input": 1}]}`), "line 4", "both price and prices"},
		"a first tier":    {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1, "above": 1000}]}`), "line 4", "the first is"},
		"a first date":    {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1, "from": "2026-01-01"}]}`), "line 4", "the first is"},
		"the same tier":   {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1}, {"input": 2, "above": 9}, {"input": 3, "above": 9}]}`), "line 4", "two have above 9"},
		"tier of nothing": {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1}, {"input": 2, "above": 9, "from": "2026-01-01"}]}`), "line 4", "before that of short prompts"},
		"no such day":     {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1}, {"input": 2, "from": "2026-02-30"}]}`), "line 4", "price.from"},
		"negative tier":   {entry(`{"provider": "corp", "name": "x", "prices": [{"input": 1}, {"input": 2, "above": -9}]}`), "line 4", "price.above"},
		"a date":          {entry(`{"provider": "corp", "name": "x", "read": "yesterday"}`), "line 4", "read"},
		"twice":           {entry(`{"provider": "corp", "name": "first"}`), "line 4", "twice"},
		"two defaults":    {entry(`{"provider": "corp", "name": "x", "default": true}`), "line 4", "default is already corp/first"},
		"two small":       {entry(`{"provider": "corp", "name": "x", "small": true}`), "line 4", "small is already corp/first"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := provider.LoadCatalogue([]byte(tc.file))
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("fault is %v, want invalid", err)
			}
			public := fault.Of(err).Public()
			if !strings.Contains(public, tc.line+":") || !strings.Contains(public, tc.says) {
				t.Errorf("%q does not name %s and %q", public, tc.line, tc.says)
			}
		})
	}
}

func TestLookupOfSnapshots(t *testing.T) {
	t.Parallel()
	c := load(t, "")
	for name, found := range map[string]bool{
		"claude-haiku-4-5":            true,
		"claude-haiku-4-5-20251001":   true,
		"claude-haiku-4-5-2025-10-01": true,
		"claude-haiku-4-5-latest":     true,
		"claude-haiku-4-5-2025":       false,
		"claude-haiku-4-5-2025100x":   false,
		"claude-haiku-4":              false,
		"-20251001":                   false,
		"":                            false,
	} {
		m, ok := c.Lookup("anthropic", name)
		if ok != found {
			t.Errorf("Lookup(%q) found %v, want %v", name, ok, found)
		}
		if ok && (m.Name != name || m.Price == nil || !m.Listed) {
			t.Errorf("Lookup(%q) = %+v: not the asked-for name with the listed figures", name, m)
		}
	}
	if _, ok := c.Lookup("openai", "claude-haiku-4-5"); ok {
		t.Error("a model was found under another provider")
	}
}

func BenchmarkLoadCatalogue(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := provider.LoadCatalogue([]byte(`{"models": [{"provider": "corp", "name": "x"}]}`)); err != nil {
			b.Fatal(err)
		}
	}
}
