package storetest

import (
	"errors"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

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

// longAnswers: however long an answer may become, its call leaves room for others.
func longAnswers(w *world) {
	p := w.policy(monthly(quota.Tokens, 1_000_000))
	var beside []*quota.Hold
	for range 10 {
		beside = append(beside, w.reserved(p, 1<<40))
	}
	for _, h := range beside {
		_, err := w.quota.Settle(w.ctx, w.account, h.ID, []usage.Entry{w.cost(h, 50)})
		w.must(err)
	}
	w.wantTokens("they were short", 500, 0)
}

// holdsUnseen: a hold that was made without looking stands where as much is left as
// its answer may take, though it holds less; else nothing happens.
func holdsUnseen(w *world) {
	p := w.policyOf(moment, quota.Plan{ReserveOutput: 10, Limits: []quota.Limit{monthly(quota.Tokens, 1000), monthly(quota.MicroUSD, 1<<40)}})
	call := func() quota.Ask { return unseen(w.call(conversation.NewID(), 900)) }
	one := w.admit(p, call())
	wantEqual(w, "unseen", one.Unseen, true)
	wantEqual(w, "holds", one.Worst.Amount.Tokens, 11)
	w.must(w.quota.Reserve(w.ctx, one))
	w.must(w.quota.Reserve(w.ctx, one)) // once
	w.wantTokens("after one", 0, 11)
	for range 8 {
		w.must(w.quota.Reserve(w.ctx, w.admit(p, call())))
	}
	w.wantTokens("when 901 are left", 0, 99)
	w.must(w.quota.Reserve(w.ctx, w.admit(p, unseen(w.call(conversation.NewID(), 901)))))

	late := call() // 890 are left
	err := w.quota.Reserve(w.ctx, w.admit(p, late))
	wantEqual(w, "with too little left", errors.Is(err, quota.ErrUnseen), true)
	ask := w.ask(w.newChat("one").ID, "", "hello")
	late.ID = string(ask.Record.ID)
	ask.Hold = w.admit(p, late)
	_, created, err := w.turns.Begin(w.ctx, ask)
	wantEqual(w, "a turn with too little left", errors.Is(err, quota.ErrUnseen) && !created, true)
	_, err = w.turns.Get(w.ctx, ask.Record.Ref)
	w.want(fault.NotFound, err)
	w.wantTokens("after those", 0, 110)

	late.Look = true
	ask.Hold = w.admit(p, late)
	wantEqual(w, "told", ask.Hold.OutputWithin(late.MaxOutput), 889)
	_, created, err = w.turns.Begin(w.ctx, ask)
	w.must(err)
	wantEqual(w, "begun", created, true)
	w.wantTokens("at the end", 0, 121)
	w.wantCounted()
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
