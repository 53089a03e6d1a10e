package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// moment is when the world's calls are made: some months after its accounts.
var moment = time.Date(2026, 5, 17, 12, 0, 0, 0, time.UTC)

// price makes a token of any class cost a micro-dollar.
var price = provider.Price{Input: 1_000_000, CachedRead: 1_000_000, CachedWrite: 1_000_000, Output: 1_000_000}

// monthly is a limit of the account's.
func monthly(unit quota.Unit, most int64) quota.Limit {
	return quota.Limit{Scope: quota.ForAccount, Period: quota.Month, Unit: unit, Most: most}
}

// policy is one whose only plan has the limits.
func (w *world) policy(limits ...quota.Limit) *quota.Metered {
	return w.policyAt(moment, limits...)
}

// policyAt is the policy of a server whose clock stands at a moment.
func (w *world) policyAt(at time.Time, limits ...quota.Limit) *quota.Metered {
	return w.policyOf(at, quota.Plan{Limits: limits})
}

// policyOf is one whose only plan is that.
func (w *world) policyOf(at time.Time, plan quota.Plan) *quota.Metered {
	plan.Name = "p"
	plans := quota.NewPlans(plan)
	return quota.NewMetered(quota.MeteredOptions{Store: w.quota, Plans: func() *quota.Plans { return plans }, Default: "p",
		Pacer: quota.NewPaces(nil), Now: func() time.Time { return at }})
}

// call is an answer that may use so many tokens, for the turn of that id.
func (w *world) call(id string, tokens int64) quota.Ask {
	return quota.Ask{Principal: identity.Principal{User: w.user, Account: w.account}, ID: id, Kind: usage.Answer, MaxOutput: tokens - 1, Prompt: 1,
		Route: provider.Route{Endpoint: provider.Endpoint{KeyID: "k1"}, Model: provider.Model{Provider: "demo", Name: "echo", Price: &price}}}
}

// unseen is the call of a request that knows its account's terms.
func unseen(ask quota.Ask) quota.Ask {
	ask.Principal.Terms = identity.Terms{Anchor: 1}
	return ask
}

// admit is the hold for a call; it must be admitted.
func (w *world) admit(p *quota.Metered, ask quota.Ask) *quota.Hold {
	w.Helper()
	h, err := p.Admit(w.ctx, ask)
	w.must(err)
	return h
}

// reserved is a new reservation of so many tokens.
func (w *world) reserved(p *quota.Metered, tokens int64) *quota.Hold {
	w.Helper()
	h := w.admit(p, w.call(conversation.NewID(), tokens))
	w.must(w.quota.Reserve(w.ctx, h))
	return h
}

// cost is a ledger's row of a call that used so many tokens, as whoever made the call
// says it: charged to its reservation.
func (w *world) cost(h *quota.Hold, tokens int64) usage.Entry {
	return usage.Entry{Account: h.Account, ID: conversation.NewID(), CreatedAt: moment, Member: h.Member, Kind: h.Kind, Attempt: 1,
		Provider: "demo", Model: "echo", KeyID: h.Key, Tokens: provider.Usage{Output: tokens}, Source: usage.Reported,
		PriceKnown: true, Price: price, CostMicroUSD: tokens, Charged: true, Reservation: h.ID, Outcome: usage.Completed}
}

// balance is the account's counter of a period.
func (w *world) balance(p quota.Period) quota.Balance {
	w.Helper()
	st, err := w.quota.Standing(w.ctx, w.account, nil, moment)
	w.must(err)
	for _, b := range st.Balances {
		if b.Scope == quota.ForAccount && b.Period == p {
			return b
		}
	}
	return quota.Balance{}
}

// wantTokens checks what is used and held of the account's tokens.
func (w *world) wantTokens(what string, used, held int64) {
	w.Helper()
	for _, p := range quota.Periods() {
		b := w.balance(p)
		if b.Used.Tokens != used || b.Held.Tokens != held || b.Used.MicroUSD != used || b.Held.MicroUSD != held {
			w.Fatalf("%s, by the %s: %+v, want %d used and %d held", what, p, b, used, held)
		}
	}
}

// wantCounted checks that the counters are what the ledger and the reservations
// say.
func (w *world) wantCounted() {
	w.Helper()
	wrong, err := w.quota.Mismatches(w.ctx, "")
	w.must(err)
	for _, m := range wrong {
		w.Errorf("account %s: stored %+v, really %+v", m.Account, m.Stored, m.Real)
	}
}
