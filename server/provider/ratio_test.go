package provider_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/server/provider"
)

func TestRatios(t *testing.T) {
	t.Parallel()
	r := provider.NewRatios()
	sol, snapshot, luna, other := provider.Model{Provider: "openai", Name: "sol"}, provider.Model{Provider: "openai", Name: "sol-2026-01-01"},
		provider.Model{Provider: "openai", Name: "luna"}, provider.Model{Provider: "lab", Name: "x"}
	guess := func(m provider.Model, want int64) {
		t.Helper()
		if got := r.Of(&m).Of(1000); got != want {
			t.Errorf("%s: a thousand are %d, want %d", m.ID(), got, want)
		}
	}
	guess(sol, 1000)
	r.Learn(&sol, 499, 998) // too short
	r.Learn(&sol, 1000, 0)  // nothing was reported
	guess(sol, 1000)
	r.Learn(&sol, 1000, 1200)
	guess(sol, 1200)
	guess(snapshot, 1200)
	guess(luna, 1200) // by its provider
	guess(other, 1000)
	r.Learn(&luna, 2000, 1600) // never lowered
	guess(luna, 1000)
	guess(sol, 1200)
	r.Learn(&snapshot, 1000, 2000) // an eighth of the way
	guess(sol, 1300)
	for range 100 {
		r.Learn(&other, 1000, 1_000_000) // no further than the bound
		r.Learn(&sol, 1_000_000, 1)
	}
	guess(other, 2000)
	if got := r.Of(&sol).Of(1000); got < 1000 || got > 1007 {
		t.Errorf("a thousand are %d, want the bound", got)
	}
}

func TestRatiosOfNothing(t *testing.T) {
	t.Parallel()
	var none *provider.Ratios
	m := provider.Model{Provider: "p", Name: "m"}
	none.Learn(&m, 1000, 2000)
	if got := none.Of(&m).Of(1234); got != 1234 {
		t.Errorf("%d", got)
	}
	if got := provider.Ratio(1001).Of(1); got != 2 {
		t.Errorf("a guess was rounded down: %d", got)
	}
}

// TestRatiosAreBounded: no number of models makes them grow for ever.
func TestRatiosAreBounded(t *testing.T) {
	t.Parallel()
	r := provider.NewRatios()
	var group sync.WaitGroup
	for worker := range 4 {
		group.Go(func() {
			for i := range 1000 {
				m := provider.Model{Provider: "p", Name: fmt.Sprintf("m%d.%d", worker, i)}
				r.Learn(&m, 1000, 1500)
				if got := r.Of(&m).Of(1000); got != 1500 {
					t.Errorf("%d", got)
				}
			}
		})
	}
	group.Wait()
	if n := r.Len(); n > 1024 {
		t.Errorf("%d are remembered", n)
	}
}
