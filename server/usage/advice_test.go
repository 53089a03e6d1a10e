package usage_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/usage"
)

var (
	dear = provider.Model{Provider: "p", Name: "dear", Context: 100_000, Output: 8000, Tools: true, Reasoning: true,
		Price: &provider.Price{Input: 10_000_000, CachedRead: 1_000_000, Output: 40_000_000}}
	cheap = provider.Model{Provider: "q", Name: "cheap", Context: 200_000, Output: 8000, Tools: true, Reasoning: true, Images: true,
		Price: &provider.Price{Input: 1_000_000, Output: 4_000_000}}
)

func changed(m provider.Model, change func(*provider.Model)) provider.Offer {
	change(&m)
	return provider.Offer{Model: m, Usable: true}
}

func offered(m provider.Model) provider.Offer { return provider.Offer{Model: m, Usable: true} }

// used is a month of the dear model.
func used(u provider.Usage, calls int64) usage.Row {
	return usage.Row{Group: usage.Group{Key: dear.ID(), All: usage.Sums{Calls: calls, Tokens: u, MicroUSD: dear.Price.Cost(u)}}}
}

func TestCheaperModel(t *testing.T) {
	t.Parallel()
	month := used(provider.Usage{Input: 800_000, Output: 50_000}, 40)
	evidence := func(others ...provider.Offer) *usage.Evidence {
		return &usage.Evidence{Models: []usage.Row{month}, Offers: append(others, offered(dear))}
	}
	got := usage.Advise(evidence(offered(cheap), changed(cheap, func(m *provider.Model) {
		m.Name, m.Price = "middle", &provider.Price{Input: 2_000_000, Output: 8_000_000}
	})))
	if len(got) != 1 {
		t.Fatalf("%+v", got)
	}
	a := got[0]
	if a.Rule != usage.CheaperModel || a.Subject != "p/dear" || a.SavesMicroUSD != 9_000_000 || a.Command != "aichat ask -m q/cheap" ||
		a.Saw != "p/dear answered 40 calls for $10.00: 850,000 tokens." ||
		a.Sum != "800,000 input × $1/M + 50,000 output × $4/M = $1.00, which is $9.00 less." ||
		!strings.Contains(a.Do, "a context of 100,000 tokens, reasoning, tools") {
		t.Errorf("%+v", a)
	}
	for name, other := range map[string]provider.Offer{
		"no key for it":       {Model: cheap},
		"no price":            changed(cheap, func(m *provider.Model) { m.Price = nil }),
		"does not reason":     changed(cheap, func(m *provider.Model) { m.Reasoning = false }),
		"calls no tools":      changed(cheap, func(m *provider.Model) { m.Tools = false }),
		"a shorter context":   changed(cheap, func(m *provider.Model) { m.Context = 99_999 }),
		"shorter answers":     changed(cheap, func(m *provider.Model) { m.Output = 7999 }),
		"a small one":         changed(cheap, func(m *provider.Model) { m.Small = true }),
		"hardly any cheaper":  changed(cheap, func(m *provider.Model) { m.Price = &provider.Price{Input: 9_000_000, Output: 38_000_000} }),
		"the very same model": offered(dear),
	} {
		if got := usage.Advise(evidence(other)); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	little := used(provider.Usage{Input: 40_000}, 4)
	unpriced := month
	unpriced.All.UnpricedCalls = 1
	for name, row := range map[string]usage.Row{"little": little, "unpriced": unpriced} {
		if got := usage.Advise(&usage.Evidence{Models: []usage.Row{row}, Offers: []provider.Offer{offered(cheap), offered(dear)}}); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestCaching(t *testing.T) {
	t.Parallel()
	advise := func(u provider.Usage) []usage.Advice {
		return usage.Advise(&usage.Evidence{Models: []usage.Row{used(u, 100)}, Offers: []provider.Offer{offered(dear)}})
	}
	got := advise(provider.Usage{Input: 1_800_000, CachedRead: 200_000})
	if len(got) != 1 || got[0].Rule != usage.Caching || got[0].SavesMicroUSD != 7_200_000 || got[0].Title != "10 % of p/dear's prompts came from its cache" ||
		got[0].Sum != "At 50 % it would have been 800,000 tokens more, each for $1/M instead of $10/M: $7.20 less." {
		t.Errorf("%+v", got)
	}
	for name, u := range map[string]provider.Usage{
		"enough of it": {Input: 1_400_000, CachedRead: 600_000}, "short prompts": {Input: 900_000},
	} {
		if got := advise(u); len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestRunaway(t *testing.T) {
	t.Parallel()
	chat := func(calls, prompt, cost int64) usage.Row {
		return usage.Row{Group: usage.Group{Key: "c1", All: usage.Sums{Calls: calls, Tokens: provider.Usage{Input: prompt}, MicroUSD: cost}}}
	}
	advise := func(r usage.Row, title string) []usage.Advice {
		return usage.Advise(&usage.Evidence{Conversations: []usage.Row{r}, Titles: map[string]string{"c1": title}})
	}
	got := advise(chat(64, 2_624_000, 12_400_000), "Thesis")
	if len(got) != 1 || got[0].Rule != usage.Runaway || got[0].Subject != "c1" || !strings.Contains(got[0].Command, "--chat c1 ") ||
		got[0].Saw != "64 calls with 41,000 tokens of prompt on average, for $12.40." ||
		got[0].Sum != "2,624,000 tokens of prompt; with 8,000 each it would have been 512,000: 2,112,000, or 80 %, less." {
		t.Errorf("%+v", got)
	}
	for name, got := range map[string][]usage.Advice{
		"few questions": advise(chat(4, 400_000, 9_000_000), "x"), "short": advise(chat(64, 640_000, 9_000_000), "x"),
		"cheap": advise(chat(64, 2_624_000, 400_000), "x"), "gone": advise(chat(64, 2_624_000, 12_400_000), ""),
	} {
		if len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestUnusedPlan(t *testing.T) {
	t.Parallel()
	month := usage.Span{Starts: at(t, "2026-11-01T00:00:00Z"), Ends: at(t, "2026-12-01T00:00:00Z")}
	advise := func(now time.Time, limits ...usage.LimitUse) []usage.Advice {
		return usage.Advise(&usage.Evidence{Plan: &usage.PlanUse{Title: "Pro", Month: month, Now: now, Limits: limits}})
	}
	late := at(t, "2026-11-25T00:00:00Z")
	tokens, money := usage.LimitUse{What: "tokens", Used: 90_000, Most: 10_000_000}, usage.LimitUse{Used: 2_400_000, Most: 20_000_000}
	got := advise(late, tokens, money)
	if len(got) != 1 || got[0].Rule != usage.UnusedPlan ||
		got[0].Saw != "Of no limit of the month more than 12 % is used ($2.40 of $20.00), with 24 of 30 days gone." ||
		got[0].Sum != "At this pace it will be $3.00 by the end: $2.40 × 30 / 24 days, 15 % of the limit." {
		t.Errorf("%+v", got)
	}
	for name, got := range map[string][]usage.Advice{
		"too early": advise(at(t, "2026-11-20T00:00:00Z"), tokens), "well used": advise(late, tokens, usage.LimitUse{What: "tokens", Used: 30, Most: 100}),
		"no limits": advise(late), "nothing allowed": advise(late, usage.LimitUse{What: "tokens"}),
	} {
		if len(got) != 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
