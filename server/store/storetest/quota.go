package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
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
	plans := quota.NewPlans(quota.Plan{Name: "p", Limits: limits})
	return quota.NewMetered(quota.MeteredOptions{Store: w.quota, Plans: func() *quota.Plans { return plans }, Default: "p",
		Pacer: quota.NewPaces(nil), Now: func() time.Time { return at }})
}

// call is an answer that may use so many tokens, for the turn of that id.
func (w *world) call(id string, tokens int64) quota.Ask {
	return quota.Ask{Principal: identity.Principal{User: w.user, Account: w.account}, ID: id, Kind: usage.Answer, MaxOutput: tokens - 1, Prompt: 1,
		Route: provider.Route{Endpoint: provider.Endpoint{KeyID: "k1"}, Model: provider.Model{Provider: "demo", Name: "echo", Price: &price}}}
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

// cost is a ledger's row of a call that used so many tokens.
func (w *world) cost(h *quota.Hold, tokens int64) usage.Entry {
	return usage.Entry{Account: h.Account, ID: conversation.NewID(), CreatedAt: moment, Member: h.Member, Kind: h.Kind, Attempt: 1,
		Provider: "demo", Model: "echo", KeyID: h.Key, Tokens: provider.Usage{Output: tokens}, Source: usage.Reported,
		PriceKnown: true, Price: price, CostMicroUSD: tokens, Outcome: usage.Completed}
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

// settling: less, more and equal to what was held; twice, and after a release.
func settling(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000))
	settle := func(h *quota.Hold, entries ...usage.Entry) {
		w.Helper()
		_, err := w.quota.Settle(w.ctx, h.Account, h.ID, entries)
		w.must(err)
	}
	less, more, equal, none := w.reserved(p, 100), w.reserved(p, 100), w.reserved(p, 100), w.reserved(p, 100)
	w.wantTokens("all held", 0, 400)
	w.must(w.quota.Reserve(w.ctx, less))
	w.wantTokens("held again", 0, 400)
	settle(less, w.cost(less, 30))
	w.wantTokens("less", 30, 300)
	row := w.cost(more, 200)
	settle(more, row)
	w.wantTokens("more", 230, 200)
	settle(more, row)
	settle(more, w.cost(more, 5))
	settle(more)
	w.wantTokens("twice, and given back after it", 230, 200)
	settle(equal, w.cost(equal, 60), w.cost(equal, 40)) // two attempts
	w.wantTokens("equal", 330, 100)
	settle(none)
	w.wantTokens("given back", 330, 0)
	settle(none, w.cost(none, 50))
	w.wantTokens("settled after it was given back", 330, 0)
	wantEqual(w, "messages", w.balance(quota.Day).Used.Messages, 3)

	rows, err := w.ledger.Entries(w.ctx, w.account, time.Time{}, 100)
	w.must(err)
	charged := 0
	for _, e := range rows {
		switch late := e.Tokens.Output == 5 || e.Tokens.Output == 50; {
		case e.Charged == late, e.Reservation == "", late != e.CountedAt.IsZero(): // a late one names its reservation too
			w.Errorf("row %+v", e)
		case e.Charged:
			charged++
		}
	}
	wantEqual(w, "rows", len(rows), 6) // none is lost, and none is there twice
	wantEqual(w, "charged rows", charged, 4)
	w.wantCounted()
}

// namesUsedAgain: a turn's id may come again when the turn is gone. That is another
// answer, and another message.
func namesUsedAgain(w *world) {
	id := conversation.NewID()
	for i := range 3 {
		h := w.admit(w.policyAt(moment.Add(time.Duration(i)*time.Second), monthly(quota.Tokens, 1000)), w.call(id, 100))
		w.must(w.quota.Reserve(w.ctx, h))
		_, err := w.quota.Settle(w.ctx, h.Account, h.ID, []usage.Entry{w.cost(h, 10), w.cost(h, 20)})
		w.must(err)
	}
	wantEqual(w, "messages", w.balance(quota.Day).Used.Messages, 3)
	w.wantCounted()
	wrong, err := w.quota.Rebuild(w.ctx, w.account)
	w.must(err)
	wantEqual(w, "rebuilt counters", len(wrong), 0)
	wantEqual(w, "messages after rebuilding", w.balance(quota.Day).Used.Messages, 3)
}

// keysOfTheDead: who ends a dead call cannot know its key, and it counts against
// that key's limits all the same.
func keysOfTheDead(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000))
	ofKey := func() (used, held int64) {
		w.Helper()
		st, err := w.quota.Standing(w.ctx, w.account, nil, moment)
		w.must(err)
		for _, b := range st.Balances {
			if b.Scope == quota.ForKey && b.Subject == "k1" && b.Period == quota.Month {
				used, held = used+b.Used.Tokens, held+b.Held.Tokens
			}
		}
		return used, held
	}
	for _, tc := range []struct {
		name   string
		change func(e *usage.Entry)
		counts bool
	}{
		{"dead", func(*usage.Entry) {}, true},
		{"of another model", func(e *usage.Entry) { e.Model = "fallback" }, false},
		{"without a key of its own", func(e *usage.Entry) { e.Source, e.Outcome = usage.Reported, usage.Completed }, false},
	} {
		h := w.reserved(p, 100)
		before, held := ofKey()
		wantEqual(w, tc.name+": held", held, 100)
		e := w.cost(h, 30)
		e.KeyID, e.Source, e.Outcome = "", usage.Estimated, usage.Interrupted
		tc.change(&e)
		_, err := w.quota.Settle(w.ctx, h.Account, h.ID, []usage.Entry{e})
		w.must(err)
		want := before
		if tc.counts {
			want += 30
		}
		after, held := ofKey()
		wantEqual(w, tc.name+": used", after, want)
		wantEqual(w, tc.name+": held", held, 0)
		w.wantCounted()
	}
}

// limits: several at once, all or nothing, and the fault says which.
func limits(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000), monthly(quota.MicroUSD, 500),
		quota.Limit{Scope: quota.ForMember, Period: quota.Day, Unit: quota.Messages, Most: 3},
		quota.Limit{Scope: quota.ForModel, Period: quota.Day, Unit: quota.Tokens, Most: 300, Only: "demo/*"})
	refused := func(h *quota.Hold, limit string) {
		w.Helper()
		before := w.balance(quota.Month)
		err := w.quota.Reserve(w.ctx, h)
		w.want(fault.QuotaExhausted, err)
		wantEqual(w, "limit", fault.Of(err).Subject, limit)
		if fault.Of(err).RetryAfter <= 0 {
			w.Errorf("%v does not say when to come back", err)
		}
		wantEqual(w, "left as it was", w.balance(quota.Month), before)
	}
	asks := make([]*quota.Hold, 6)
	for i := range asks {
		asks[i] = w.admit(p, w.call(conversation.NewID(), 100)) // while nothing is used
	}
	for _, h := range asks[:3] {
		w.must(w.quota.Reserve(w.ctx, h))
	}
	refused(asks[3], "member.day.messages")
	_, err := w.quota.Settle(w.ctx, w.account, asks[0].ID, nil)
	w.must(err)
	_, err = w.quota.Settle(w.ctx, w.account, asks[1].ID, []usage.Entry{w.cost(asks[1], 150)})
	w.must(err)
	refused(asks[4], "model.day.tokens")
	_, err = w.quota.Settle(w.ctx, w.account, asks[2].ID, []usage.Entry{w.cost(asks[2], 400)})
	w.must(err)
	refused(asks[5], "account.month.micro_usd") // charged beyond the hold, which the next sees

	// The policy says the same beforehand.
	_, err = p.Admit(w.ctx, w.call(conversation.NewID(), 100))
	w.want(fault.QuotaExhausted, err)

	// Another account has its own.
	other := w.call(conversation.NewID(), 100)
	other.Principal.Account, other.Principal.User = w.newUser("ben")
	w.must(w.quota.Reserve(w.ctx, w.admit(p, other)))
}

// turnsAreMetered: a turn reserves with its beginning and settles with its end,
// whoever ends it.
func turnsAreMetered(w *world) {
	p := w.policy(monthly(quota.Tokens, 250))
	begin := func() (turn.BeginParams, turn.Record, error) {
		b := w.ask(w.newChat("one").ID, "", "hello")
		b.Hold = w.admit(w.policy(monthly(quota.Tokens, 250)), w.call(string(b.Record.ID), 100))
		rec, _, err := w.turns.Begin(w.ctx, b)
		return b, rec, err
	}
	first, rec, err := begin()
	w.must(err)
	w.wantTokens("begun", 0, 100)
	_, created, err := w.turns.Begin(w.ctx, first)
	w.must(err)
	wantEqual(w, "begun again", created, false)
	w.wantTokens("begun again", 0, 100)

	// What does not fit leaves nothing.
	second, _, err := begin()
	w.must(err)
	third := w.ask(w.newChat("three").ID, "", "hello")
	third.Hold = w.admit(w.policy(), w.call(string(third.Record.ID), 100))
	third.Hold.Caps = first.Hold.Caps
	_, _, err = w.turns.Begin(w.ctx, third)
	w.want(fault.QuotaExhausted, err)
	_, err = w.turns.Get(w.ctx, third.Record.Ref)
	w.want(fault.NotFound, err)
	w.wantTokens("one too many", 0, 200)

	fin := w.done(rec, "hi")
	fin.Entries = []usage.Entry{w.cost(first.Hold, 40)}
	w.finish(fin)
	w.wantTokens("finished", 40, 100)
	ended, _, err := w.turns.Finish(w.ctx, fin)
	w.must(err)
	wantEqual(w, "ended again", ended, false)
	w.wantTokens("ended again", 40, 100)

	// The process that runs the second dies. The reaper knows nothing of a hold.
	_, _, err = w.turns.Checkpoint(w.ctx, "p1", -time.Minute, []turn.Ref{second.Record.Ref}, nil)
	w.must(err)
	orphans, err := w.turns.Claim(w.ctx, "p2", time.Minute, false, 10)
	w.must(err)
	wantEqual(w, "orphans", len(orphans), 1)
	lost := w.done(orphans[0].Record, "par")
	lost.State, lost.Answer.State = turn.Interrupted, conversation.Interrupted
	row := w.cost(second.Hold, 7)
	row.KeyID, row.Charged, row.Source, row.Outcome = "", false, usage.Estimated, usage.Interrupted
	lost.Entries = []usage.Entry{row}
	w.finish(lost)
	w.wantTokens("reaped", 47, 0)

	// A turn that the provider refused uses nothing, not even a message.
	h := w.admit(p, w.call(conversation.NewID(), 100))
	b := w.ask(w.newChat("four").ID, "", "hello")
	h.ID = string(b.Record.ID)
	b.Hold = h
	w.finish(w.done(w.begin(b), ""))
	w.wantTokens("refused", 47, 0)
	wantEqual(w, "messages", w.balance(quota.Month).Used.Messages, 2)
}

// expiring: what died without a turn is settled by an estimate, once, and what a
// running turn stands for is left alone.
func expiring(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000))
	alive := w.ask(w.newChat("one").ID, "", "hello")
	alive.Hold = w.admit(p, w.call(string(alive.Record.ID), 100))
	alive.Hold.Expires = -time.Minute
	rec := w.begin(alive)
	ask := w.call(conversation.NewID(), 100)
	ask.Kind, ask.Prompt = usage.Title, 9
	dead := w.admit(p, ask)
	dead.Expires = -time.Minute
	dead.Price = &provider.Price{Input: 1_000_000, CachedRead: 1, CachedWrite: 2, CachedWriteLong: 3, Output: 4, Above: 5, From: "2026-01-02"}
	w.must(w.quota.Reserve(w.ctx, dead))
	young := w.reserved(p, 50)

	n, err := w.quota.Expire(w.ctx, false, 10)
	w.must(err)
	wantEqual(w, "expired", n, 1)
	w.wantTokens("expired", 9, 150)
	rows, err := w.ledger.Entries(w.ctx, w.account, time.Time{}, 10)
	w.must(err)
	if e := rows[0]; e.Source != usage.Estimated || e.Kind != usage.Title || !e.Lost() || e.CostMicroUSD != 9 || e.Price != *dead.Price {
		w.Fatalf("row %+v", e)
	}
	_, err = w.quota.Settle(w.ctx, w.account, dead.ID, []usage.Entry{w.cost(dead, 500)})
	w.must(err)
	w.wantTokens("settled late", 9, 150)

	n, err = w.quota.Expire(w.ctx, true, 10)
	w.must(err)
	wantEqual(w, "expired, whatever their time", n, 1)
	_, err = w.quota.Settle(w.ctx, w.account, young.ID, nil)
	w.must(err)
	w.wantTokens("all but the turn's", 10, 100)
	w.finish(w.done(rec, "hi"))
	w.wantTokens("all", 10, 0)
}

// warnings come once each in a period, and again when the limit is another.
func warnings(w *world) {
	use := func(most, tokens int64) (levels []int) {
		w.Helper()
		h := w.reserved(w.policy(monthly(quota.Tokens, most)), 2)
		all, err := w.quota.Settle(w.ctx, h.Account, h.ID, []usage.Entry{w.cost(h, tokens)})
		w.must(err)
		for _, warning := range all {
			if warning.Scope != quota.ForAccount || warning.Unit != quota.Tokens || warning.Text() == "" {
				w.Errorf("warned of %+v", warning)
			}
			levels = append(levels, warning.Percent)
		}
		return levels
	}
	for i, step := range []struct {
		most, tokens int64
		want         []int
	}{{1000, 799, nil}, {1000, 1, []int{80}}, {1000, 1, nil}, {1000, 100, []int{90}}, {1000, 90, nil}, {2000, 9, nil}, {2000, 600, []int{80}}, {2000, 900, []int{100}}} {
		got := use(step.most, step.tokens)
		if len(got) != len(step.want) || len(got) > 0 && got[0] != step.want[0] {
			w.Fatalf("step %d: warned at %v, want %v", i, got, step.want)
		}
	}
}

// rebuilding makes what is there already.
func rebuilding(w *world) {
	p := w.policy(monthly(quota.Tokens, 1000))
	h := w.reserved(p, 100)
	w.reserved(p, 50)
	other := w.cost(h, 5)
	other.Model = "fallback" // answered by another model than the one reserved
	_, err := w.quota.Settle(w.ctx, h.Account, h.ID, []usage.Entry{other, w.cost(h, 30)})
	w.must(err)
	before, err := w.quota.Standing(w.ctx, w.account, nil, moment)
	w.must(err)
	_, err = w.quota.Rebuild(w.ctx, w.account)
	w.must(err)
	after, err := w.quota.Standing(w.ctx, w.account, nil, moment)
	w.must(err)
	wantEqual(w, "counters", len(after.Balances), len(before.Balances))
	for _, b := range before.Balances {
		found := false
		for _, a := range after.Balances {
			found = found || a == b
		}
		if !found {
			w.Errorf("%+v is not among %+v", b, after.Balances)
		}
	}
	_, err = w.quota.Rebuild(w.ctx, "nobody")
	w.want(fault.NotFound, err)
}

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
