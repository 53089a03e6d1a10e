package provider_test

import (
	"strconv"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/vault"
)

// What the way to a model costs a turn: with the configuration's key alone, and with
// some of the vault's beside it.
func BenchmarkRoute(b *testing.B) {
	cat, err := provider.LoadCatalogue(nil)
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{0, 1, 3, 10} {
		keys := &ring{}
		for i := range n {
			keys.keys = append(keys.keys, key("k"+strconv.Itoa(i), vault.Server(), "anthropic", i+1))
		}
		d := provider.NewDirectory(provider.DirectoryOptions{Catalogue: cat, Keys: keys,
			Vendors:   map[provider.API]provider.Provider{provider.Anthropic: &offering{}},
			Endpoints: []provider.Endpoint{{Provider: "anthropic", API: provider.Anthropic, KeyID: "config"}}})
		b.Run(strconv.Itoa(n)+"_keys", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Route(b.Context(), provider.Caller{Conversation: "c"}, haiku); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
