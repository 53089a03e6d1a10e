package usage

import (
	"fmt"
	"strings"

	"github.com/aichat-term/aichat/server/provider"
)

// mostModels is for how many models something cheaper is suggested.
const mostModels = 3

// cheaperModels looks for models that would have done the same for less: usable
// ones that can do whatever the one used can, as far as the catalogue tells. A
// provider's small model stands in for a small one only: no catalogue tells how
// well it thinks.
func cheaperModels(e *Evidence) (all []Advice) {
	for _, used := range e.Models {
		if len(all) == mostModels {
			break
		}
		if a, ok := e.cheaper(used); ok {
			all = append(all, a)
		}
	}
	return all
}

func (e *Evidence) cheaper(used Row) (a Advice, ok bool) {
	now := e.offer(used.Key)
	if now == nil || used.All.UnpricedCalls > 0 || used.All.MicroUSD < worthIt {
		return a, false
	}
	var best *provider.Offer
	least := used.All.MicroUSD
	for i := range e.Offers {
		o := &e.Offers[i]
		if o.ID() == now.ID() || !o.Usable || o.Price == nil || !canDo(&o.Model, &now.Model) {
			continue
		}
		if cost := o.Price.Cost(used.All.Tokens); cost < least {
			best, least = o, cost
		}
	}
	saves := used.All.MicroUSD - least
	if best == nil || saves < worthIt || saves < used.All.MicroUSD/5 {
		return a, false
	}
	return Advice{
		Rule: CheaperModel, Subject: used.Key, SavesMicroUSD: saves,
		Title: best.ID() + " instead of " + used.Key,
		Saw:   fmt.Sprintf("%s answered %s for %s: %s tokens.", used.Key, calls(used.All.Calls), Dollars(used.All.MicroUSD), Grouped(used.All.Tokens.Total())),
		Sum:   fmt.Sprintf("%s = %s, which is %s less.", terms(used.All.Tokens, *best.Price), Dollars(least), Dollars(saves)),
		Do: fmt.Sprintf("Try %s on your next questions. The catalogue says that it can do what %s can (%s); whether its answers are as good, only you can tell.",
			best.ID(), used.Key, abilities(&now.Model)),
		Command: "aichat ask -m " + best.ID(),
	}, true
}

// canDo reports whether a model has all that another has.
func canDo(o, now *provider.Model) bool {
	has := func(it, wanted bool) bool { return it || !wanted }
	return has(o.Reasoning, now.Reasoning) && has(o.Images, now.Images) && has(o.Tools, now.Tools) &&
		o.Context >= now.Context && (o.Output == 0 || o.Output >= now.Output) && has(!o.Small, !now.Small)
}

// abilities are what a model can do, for people.
func abilities(m *provider.Model) string {
	all := []string{"a context of " + Grouped(m.Context) + " tokens"}
	for _, a := range []struct {
		name string
		has  bool
	}{{"reasoning", m.Reasoning}, {"images", m.Images}, {"tools", m.Tools}} {
		if a.has {
			all = append(all, a.name)
		}
	}
	return strings.Join(all, ", ")
}

// terms are tokens times prices, class by class.
func terms(u provider.Usage, p provider.Price) string {
	var all []string
	for _, l := range lines(u, p) {
		all = append(all, fmt.Sprintf("%s %s × %s", Grouped(l.Tokens), words[l.Class], perMillion(l.Price)))
	}
	return strings.Join(all, " + ")
}

// calls is a number of calls for people.
func calls(n int64) string {
	if n == 1 {
		return "1 call"
	}
	return Grouped(n) + " calls"
}

// Prompts from which on caching is looked at, how much of them ought to come from
// the cache before anything is said, and how much could easily.
const (
	cacheFrom   = 1_000_000 // tokens
	cacheEnough = 30        // %
	cacheEasily = 50        // %
)

// cachings looks for models whose prompts were hardly ever read from the cache.
func cachings(e *Evidence) (all []Advice) {
	for _, used := range e.Models {
		o := e.offer(used.Key)
		t := used.All.Tokens
		prompt := t.Prompt()
		if o == nil || o.Price == nil || o.Price.CachedRead <= 0 || o.Price.CachedRead >= o.Price.Input || prompt < cacheFrom ||
			percent(t.CachedRead, prompt) >= cacheEnough {
			continue
		}
		more := min(prompt*cacheEasily/100-t.CachedRead, t.Input)
		saves := provider.Price{Input: o.Price.Input - o.Price.CachedRead}.Cost(provider.Usage{Input: more})
		if saves < worthIt {
			continue
		}
		all = append(all, Advice{
			Rule: Caching, Subject: used.Key, SavesMicroUSD: saves,
			Title: fmt.Sprintf("%d %% of %s's prompts came from its cache", percent(t.CachedRead, prompt), used.Key),
			Saw:   fmt.Sprintf("%s of %s prompt tokens were read from the cache, in %s.", Grouped(t.CachedRead), Grouped(prompt), calls(used.All.Calls)),
			Sum: fmt.Sprintf("At %d %% it would have been %s tokens more, each for %s instead of %s: %s less.", cacheEasily, Grouped(more),
				perMillion(o.Price.CachedRead), perMillion(o.Price.Input), Dollars(saves)),
			Do: "Ask on in the same conversation within a few minutes, as providers forget a prompt soon; leave the system prompt and the first messages as they are, and put what changes last.",
		})
	}
	return all
}
