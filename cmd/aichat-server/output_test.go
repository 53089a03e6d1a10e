package main

import (
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aichat-term/aichat/client/wire"
)

// A row that is wider than the terminal keeps its columns, and its last cell stands
// below it; in a pipe a row is a line.
func TestTablesFold(t *testing.T) {
	t.Parallel()
	rows := [][]string{{"ID", "WHAT", "WHY"}, {"1", "short", "because"}, {"2", "long", "because of everything\x1b that was said"}, {"", "", "and of what was not said at all"}}
	for width, want := range map[int]string{
		0: `ID  WHAT   WHY
1   short  because
2   long   because of everything that was said
           and of what was not said at all
`,
		24: `ID  WHAT   WHY
1   short  because
2   long
    because of
    everything that was
    said
    and of what was not
    said at all
`,
	} {
		var out strings.Builder
		if err := printFitted(&out, rows, width); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != want {
			t.Errorf("at %d:\n%s\nwant:\n%s", width, got, want)
		}
	}
}

// What is listed fits a terminal, whatever there is to tell of it.
func TestTablesFit(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.Local)
	later := now.Add(15 * time.Minute)
	const id, long = "0193a7c2-4f1b-7000-8000-000000000001", "a word that is said again and again "
	refused := &wire.KeyTrouble{Code: wire.ProviderAuth, At: now, Until: &later}
	keys := []wire.Key{
		{ID: id, Owner: wire.KeyOfServer, Provider: "anthropic", Hint: "cdef", Weight: 1000, Readable: true, UsedAt: &now, Label: "production", Trouble: refused},
		{ID: id, Owner: wire.KeyOfAccount, OwnerID: "a", Provider: "an-endpoint-of-ones-own", Weight: 1, Disabled: true, Readable: true,
			BaseURL: "https://models.example.com/v1", Label: strings.Repeat(long, 3)},
		{ID: id, Owner: wire.KeyOfUser, OwnerID: id, Provider: "openai", MasterKey: "0badcafe"},
	}
	models := []wire.OperatorModel{
		{ID: "anthropic/claude-sonnet-5-5", Context: 1_000_000, Usable: true, Default: true, Keys: []wire.ModelKey{{ID: id}, {ID: id, Disabled: true}},
			Plans: []string{"pro"}, Origin: wire.OriginFile, Prices: []wire.PriceStep{{Input: 2_500_000, Output: 12_500_000}, {Above: 5}}},
		{ID: "gemini/gemini-3.1-pro-preview"},
	}
	for name, rows := range map[string][][]string{
		"keys": keyRows(keys, map[string]string{"a": "ada"}, now), "models": modelRows(models, 3),
	} {
		var out strings.Builder
		if err := printFitted(&out, rows, narrowest); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > narrowest {
				t.Errorf("%s: %d columns: %s", name, n, line)
			}
		}
		for _, word := range map[string][]string{
			"keys":   {"resting until 03:15", "refused on 2026-11-23 at 03:00", "disabled", "cannot be read", "only for the account of ada", "sealed by the master key"},
			"models": {"1 of 2", "none", "only in pro", "default, more prices"},
		}[name] {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%s: no %q in\n%s", name, word, out.String())
			}
		}
	}
}

func TestKeyState(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	before := now.Add(-time.Second)
	for want, k := range map[string]wire.Key{
		"in use":        {Readable: true},
		"refused":       {Readable: true, Trouble: &wire.KeyTrouble{Code: wire.ProviderAuth, Until: &before}},
		"was too fast":  {Readable: true, Trouble: &wire.KeyTrouble{Code: wire.ProviderRateLimited}},
		"out of credit": {Readable: true, Trouble: &wire.KeyTrouble{Code: wire.ProviderQuota}},
		"disabled":      {Readable: true, Disabled: true, Trouble: &wire.KeyTrouble{Code: wire.ProviderQuota}},
	} {
		if got := keyState(&k, now); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
