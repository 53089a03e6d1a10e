package storetest

import (
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/usage"
)

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
