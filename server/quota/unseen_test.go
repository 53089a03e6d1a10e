package quota_test

import (
	"context"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
	"github.com/aichat-term/aichat/server/vault"
)

// counting counts how often somebody looks.
type counting struct {
	standing
	looked int
}

func (c *counting) Standing(context.Context, identity.AccountID, *quota.Subjects, time.Time) (quota.Standing, error) {
	c.looked++
	return c.at, nil
}

// TestUnseen: what is left is looked at only where it matters, and a hold that was
// made without says what it needs.
func TestUnseen(t *testing.T) {
	t.Parallel()
	known := func(prompt, most int64) quota.Ask {
		a := ask(prompt, most)
		a.Principal.Terms = identity.Terms{Plan: "p", Anchor: 1}
		return a
	}
	with := func(change func(*quota.Ask)) quota.Ask {
		a := known(100, 500)
		change(&a)
		return a
	}
	far := []quota.Limit{limit(quota.Tokens, 1<<20), limit(quota.MicroUSD, 1<<30)}
	for _, tc := range []struct {
		name   string
		ask    quota.Ask
		limits []quota.Limit
		looks  bool
		whole  quota.Amount // of a hold made without looking
	}{
		{name: "plenty", ask: known(100, 5000), limits: far, whole: quota.Amount{Messages: 1, Tokens: 5100, MicroUSD: 2*100 + 4*5000}},
		{name: "no limit", ask: known(100, 5000), whole: quota.Amount{Messages: 1, Tokens: 5100, MicroUSD: 2*100 + 4*5000}},
		{name: "nobody knows how long it may be", ask: known(100, 0), limits: far,
			whole: quota.Amount{Messages: 1, Tokens: 100 + 1<<17, MicroUSD: 2*100 + 4<<17}},
		{name: "shorter than what is reserved", ask: known(100, 50), limits: far, whole: quota.Amount{Messages: 1, Tokens: 150, MicroUSD: 400}},
		{name: "all that there ever is", ask: known(100, 500), limits: []quota.Limit{limit(quota.Tokens, 600)},
			whole: quota.Amount{Messages: 1, Tokens: 600, MicroUSD: 2200}},
		{name: "more than there ever is", ask: known(100, 501), limits: []quota.Limit{limit(quota.Tokens, 600)}, looks: true},
		{name: "more money than there ever is", ask: known(100, 500), limits: []quota.Limit{limit(quota.MicroUSD, 2199)}, looks: true},
		{name: "nobody has asked for the terms", ask: ask(100, 500), limits: far, looks: true},
		{name: "told to look", ask: with(func(a *quota.Ask) { a.Look = true }), limits: far, looks: true},
		{name: "no answer", ask: with(func(a *quota.Ask) { a.Kind = usage.Title }), limits: far, looks: true},
		{name: "a key of one's own", ask: with(func(a *quota.Ask) { a.Route.Endpoint.Owner = vault.OfUser }),
			limits: far, whole: quota.Amount{Messages: 1, Tokens: 600, MicroUSD: 2200}},
	} {
		s := &counting{}
		h, err := metered(s, quota.Plan{ReserveOutput: 100, Limits: tc.limits}).Admit(t.Context(), tc.ask)
		if err != nil {
			t.Errorf("%s: %v", tc.name, err)
			continue
		}
		if (s.looked > 0) != tc.looks || h.Unseen == tc.looks {
			t.Errorf("%s: looked %d times, unseen %v", tc.name, s.looked, h.Unseen)
		}
		if h.Unseen && h.Least() != tc.whole || !h.Unseen && h.Least() != h.Worst.Amount {
			t.Errorf("%s: needs %+v, want %+v", tc.name, h.Least(), tc.whole)
		}
	}
}

// TestUnseenTerms: the plan and the month are those that the request knows.
func TestUnseenTerms(t *testing.T) {
	t.Parallel()
	a := ask(1, 1)
	a.Principal.Terms = identity.Terms{Plan: "large", Anchor: 9}
	plans := quota.NewPlans(quota.Plan{Name: "p", Models: []string{"openai/*"}}, quota.Plan{Name: "large", Limits: []quota.Limit{limit(quota.Tokens, 100)}})
	m := quota.NewMetered(quota.MeteredOptions{Store: &counting{}, Plans: func() *quota.Plans { return plans }, Default: "p",
		Pacer: quota.NewPaces(nil), Now: func() time.Time { return may17 }})
	h, err := m.Admit(t.Context(), a)
	if err != nil || !h.Unseen || h.Anchor != 9 {
		t.Fatalf("%+v, %v", h, err)
	}
	for _, c := range h.Caps {
		if c.Period == quota.Month && !c.Starts.Equal(time.Date(2026, 5, 9, 0, 0, 0, 0, time.UTC)) {
			t.Errorf("%+v", c)
		}
	}
	a.Route.Others = []provider.Route{{Model: provider.Model{Provider: "demo", Name: "y", Price: &provider.Price{Output: 8_000_000}}}}
	if h, err = m.Admit(t.Context(), a); err != nil || h.Least().MicroUSD != 2+8 {
		t.Errorf("with a dearer way: %+v, %v", h, err)
	}
}
