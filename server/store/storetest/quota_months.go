package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

// plansOf: an account has the plan that it was given.
func plansOf(w *world) {
	w.must(w.quota.SetPlan(w.ctx, w.account, "pro"))
	st, err := w.quota.Standing(w.ctx, w.account, nil, moment)
	w.must(err)
	wantEqual(w, "plan", st.Plan, "pro")
	wantEqual(w, "anchor", st.Anchor, 1)
	w.newUser("ben")
	counts, err := w.quota.Plans(w.ctx)
	w.must(err)
	if counts["pro"] != 1 || counts[""] != 1 {
		w.Errorf("plans %v", counts)
	}
	w.want(fault.NotFound, w.quota.SetPlan(w.ctx, "nobody", "pro"))
	_, err = w.quota.Standing(w.ctx, "nobody", nil, moment)
	w.want(fault.NotFound, err)
}

// anchors: an account's months may begin on another day. What was used counts in
// the month that there is then, and calls that were reserved before are settled
// into it.
func anchors(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000))
	used, running := w.reserved(p, 100), w.reserved(p, 100)
	_, err := w.quota.Settle(w.ctx, w.account, used.ID, []usage.Entry{w.cost(used, 60)})
	w.must(err)
	for _, tc := range []struct{ day, anchor int }{{20, 20}, {17, 17}, {31, 31}, {0, 1}, {16, 16}} {
		w.must(w.quota.SetAnchor(w.ctx, w.account, tc.day))
		st, err := w.quota.Standing(w.ctx, w.account, nil, moment)
		w.must(err)
		wantEqual(w, "anchor", st.Anchor, tc.anchor)
		wantEqual(w, "used", w.balance(quota.Month).Used.Tokens, 60)
		wantEqual(w, "used", w.balance(quota.Day).Used.Tokens, 60)
		w.wantCounted()
	}
	_, err = w.quota.Settle(w.ctx, w.account, running.ID, []usage.Entry{w.cost(running, 30)})
	w.must(err)
	w.wantTokens("settled", 90, 0)
	w.wantCounted()
	w.want(fault.NotFound, w.quota.SetAnchor(w.ctx, "nobody", 3))
}

// clocks: of two servers one is over the month's end already. Each call counts in
// the month in which it was asked for, whoever settles it when; so there is one
// reset, and what the slower clock still lets pass is of the month before.
func clocks(w *world) {
	june := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	slow, fast := w.policyAt(june.Add(-time.Second), monthly(quota.Tokens, 100)), w.policyAt(june.Add(time.Second), monthly(quota.Tokens, 100))
	used := func(at time.Time) (n, held int64) {
		w.Helper()
		st, err := w.quota.Standing(w.ctx, w.account, nil, at)
		w.must(err)
		for _, b := range st.Balances {
			if b.Scope == quota.ForAccount && b.Period == quota.Month {
				n, held = n+b.Used.Tokens, held+b.Held.Tokens
			}
		}
		return n, held
	}
	for _, tokens := range []int64{60, 40} { // turn by turn, until each month is used up
		before, after := w.reserved(slow, tokens), w.reserved(fast, tokens)
		for _, h := range []*quota.Hold{after, before} {
			_, err := w.quota.Settle(w.ctx, w.account, h.ID, []usage.Entry{w.cost(h, tokens)})
			w.must(err)
		}
	}
	for _, p := range []*quota.Metered{slow, fast} {
		_, err := p.Admit(w.ctx, w.call(conversation.NewID(), 1))
		w.want(fault.QuotaExhausted, err)
	}
	for _, at := range []time.Time{june.Add(-time.Second), june} {
		n, held := used(at)
		wantEqual(w, "used around "+at.String(), n, 100)
		wantEqual(w, "held around "+at.String(), held, 0)
	}
	w.wantCounted()
}
