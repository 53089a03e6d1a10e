package quota_test

import (
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/vault"
)

// by is a way to a model of which a million tokens cost so many micro-dollars, to
// read, to write to the cache and to write.
func by(name, key string, input, cached, output int64) provider.Route {
	return provider.Route{Endpoint: provider.Endpoint{Provider: "demo", KeyID: key},
		Model: provider.Model{Provider: "demo", Name: name, Price: &provider.Price{Input: input, CachedWrite: cached, Output: output}}}
}

// What is held is enough for the dearest of the models that may answer.
func TestWorstOfSeveralWays(t *testing.T) {
	t.Parallel()
	const m = 1_000_000
	for _, tc := range []struct {
		name   string
		others []provider.Route
		plan   quota.Plan
		want   int64 // micro-dollars, for 100 tokens read and 1000 written
	}{
		{"no other", nil, quota.Plan{}, 2*100 + 4*1000},
		{"a cheaper one", []provider.Route{by("y", "", m/2, 0, m)}, quota.Plan{}, 2*100 + 4*1000},
		{"a dearer one", []provider.Route{by("y", "", 3*m, m, 9*m)}, quota.Plan{}, 3*100 + 9*1000},
		{"dearer to read, and another to write", []provider.Route{by("y", "", m, 7*m, m), by("z", "", m, m, 5*m)}, quota.Plan{}, 7*100 + 5*1000},
		{"without a price", []provider.Route{{Model: provider.Model{Provider: "demo", Name: "y"}}}, quota.Plan{}, 2*100 + 4*1000},
		{"one that the plan does not have", []provider.Route{by("y", "", 3*m, m, 9*m)}, quota.Plan{Models: []string{"demo/x"}}, 2*100 + 4*1000},
	} {
		a := ask(100, 1000)
		a.Route.Others = tc.others
		h, err := policy(&standing{}, tc.plan).Admit(t.Context(), a)
		if err != nil || h.Worst.Amount.MicroUSD != tc.want {
			t.Errorf("%s: %+v, %v; want %d", tc.name, h.Worst, err, tc.want)
		}
	}
}

func TestWaysThatAHoldCovers(t *testing.T) {
	t.Parallel()
	only := func(scope quota.Scope, models string) quota.Plan {
		return quota.Plan{Limits: []quota.Limit{{Scope: scope, Period: quota.Month, Unit: quota.Tokens, Most: 1_000_000, Only: models}}}
	}
	same, key, other := by("x", "k", 1, 1, 1), by("x", "k2", 1, 1, 1), by("y", "k", 1, 1, 1)
	for _, tc := range []struct {
		name             string
		plan             quota.Plan
		same, key, other bool
	}{
		{"no limits", quota.Plan{}, true, true, true},
		{"of the account", only(quota.ForAccount, ""), true, true, true},
		{"of each member", only(quota.ForMember, ""), true, true, true},
		{"of each model: what is held is held of one", only(quota.ForModel, ""), true, true, false},
		{"of another model", only(quota.ForModel, "demo/z"), true, true, true},
		{"of the other model", only(quota.ForModel, "demo/y"), true, true, false},
		{"of each key", only(quota.ForKey, ""), true, false, true},
		{"a model that the plan does not have", quota.Plan{Models: []string{"demo/x"}}, true, true, false},
	} {
		a := ask(1, 1)
		a.Route.Endpoint.KeyID = "k"
		h, err := policy(&standing{}, tc.plan).Admit(t.Context(), a)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if got := [3]bool{h.Covers(&same), h.Covers(&key), h.Covers(&other)}; got != [3]bool{tc.same, tc.key, tc.other} {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
	var none *quota.Hold
	if !none.Covers(&other) {
		t.Error("a call that is not metered may go anywhere")
	}
}

// Whoever pays the provider is not charged, whatever the plan says; but may not
// ask faster than others.
func TestACallWithOnesOwnKey(t *testing.T) {
	t.Parallel()
	for _, owner := range []vault.OwnerKind{vault.OfUser, vault.OfAccount} {
		p := policy(&standing{at: used(quota.Amount{Messages: 100}, quota.Amount{})}, quota.Plan{Models: []string{"openai/*"},
			Limits: []quota.Limit{limit(quota.Messages, 100), limit(quota.MicroUSD, 0)}, Rates: quota.Rates{Streams: 1}})
		a := ask(100, 1000)
		a.Route.Endpoint.Owner = owner
		h, err := p.Admit(t.Context(), a)
		if err != nil || h.Charged() || h.Name() != "" || h.Reserved() != nil || h.OutputWithin(1000) != 1000 || !h.Covers(&a.Route) {
			t.Fatalf("%s: %+v, %v", owner, h, err)
		}
		if _, err := p.Admit(t.Context(), a); !fault.Is(err, fault.RateLimited) {
			t.Errorf("%s: a second stream of one: %v", owner, err)
		}
		h.Leave(100)
		if h, err = p.Admit(t.Context(), a); err != nil {
			t.Errorf("%s: after the first: %v", owner, err)
		}
		h.Cancel()
	}
	a := ask(1, 1)
	a.Route.Endpoint.Owner = vault.OfServer
	if h, err := policy(&standing{}, quota.Plan{}).Admit(t.Context(), a); err != nil || !h.Charged() || h.Reserved() != h {
		t.Errorf("the operator's key: %+v, %v", h, err)
	}
}
