package store_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/provider"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// benchPolicy is a plan like the built-in free one, that is never used up.
func benchPolicy(db *store.DB) *quota.Metered {
	plans := quota.NewPlans(quota.Plan{Name: "p", Limits: []quota.Limit{
		{Scope: quota.ForAccount, Period: quota.Day, Unit: quota.Messages, Most: 1 << 50},
		{Scope: quota.ForAccount, Period: quota.Month, Unit: quota.Tokens, Most: 1 << 50},
		{Scope: quota.ForAccount, Period: quota.Month, Unit: quota.MicroUSD, Most: 1 << 50},
	}})
	return quota.NewMetered(quota.MeteredOptions{Store: db.Quota(), Plans: func() *quota.Plans { return plans }, Default: "p",
		Pacer: quota.NewPaces(nil)})
}

func benchAsk(account identity.AccountID, id string) quota.Ask {
	return quota.Ask{Principal: identity.Principal{User: "u", Account: account, Terms: identity.Terms{Anchor: 14}}, ID: id, Kind: usage.Answer, Prompt: 500, MaxOutput: 1000,
		Route: provider.Route{Endpoint: provider.Endpoint{KeyID: "k"}, Model: provider.Model{Provider: "demo", Name: "echo",
			Price: &provider.Price{Input: 1_000_000, Output: 4_000_000}}}}
}

// BenchmarkBegin begins turns one after the other, as before an answer's first
// token: what "metered" takes longer than "unmetered" is the price of a
// reservation where plenty is left, admitting the call included.
func BenchmarkBegin(b *testing.B) {
	for _, metered := range []bool{false, true} {
		name := "unmetered"
		if metered {
			name = "metered"
		}
		b.Run(name, func(b *testing.B) { benchBoth(b, func(b *testing.B, db *store.DB) { benchBegin(b, db, metered) }) })
	}
}

func benchBegin(b *testing.B, db *store.DB, metered bool) {
	account, policy := newUser(b, db), benchPolicy(db)
	var asks []turn.BeginParams
	for range 2000 {
		c := newChat(account, "x")
		if err := db.Conversations().Create(b.Context(), c); err != nil {
			b.Fatal(err)
		}
		asks = append(asks, turn.BeginParams{Record: turn.Record{Conversation: c.ID, Model: "demo/echo", Owner: "p"}, Lease: time.Minute})
	}
	percentiles(b, func(i int) {
		p := asks[i%len(asks)]
		if i >= len(asks) {
			b.Fatal("more turns than conversations: use -benchtime 2000x or less")
		}
		p.Now = time.Now()
		p.Record.Ref = turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())}
		p.Ask = &conversation.Message{ID: conversation.MessageID(conversation.NewID()), CreatedAt: p.Now}
		if metered {
			var err error
			if p.Hold, err = policy.Admit(b.Context(), benchAsk(account, string(p.Record.ID))); err != nil {
				b.Fatal(err)
			}
		}
		if _, _, err := db.Turns().Begin(b.Context(), p); err != nil {
			b.Fatal(err)
		}
	})
}

// BenchmarkReservation tells what a reservation adds to a turn's beginning where
// plenty is left: admitting the call, and holding what it may use. Turns without and with one take turns, so that
// whatever else the machine does meanwhile bears on both.
func BenchmarkReservation(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account, policy := newUser(b, db), benchPolicy(db)
		begin := func(metered bool) time.Duration {
			c := newChat(account, "x")
			start := time.Now()
			p := turn.BeginParams{Create: &c, Lease: time.Minute, Now: start,
				Record: turn.Record{Ref: turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())},
					Conversation: c.ID, Model: "demo/echo", Owner: "p"},
				Ask: &conversation.Message{ID: conversation.MessageID(conversation.NewID()), CreatedAt: start}}
			if metered {
				var err error
				if p.Hold, err = policy.Admit(b.Context(), benchAsk(account, string(p.Record.ID))); err != nil {
					b.Fatal(err)
				}
			}
			if _, _, err := db.Turns().Begin(b.Context(), p); err != nil {
				b.Fatal(err)
			}
			return time.Since(start)
		}
		var without, with []time.Duration
		for b.Loop() {
			without, with = append(without, begin(false)), append(with, begin(true))
		}
		slices.Sort(without)
		slices.Sort(with)
		middle := len(with) / 2
		b.ReportMetric((with[middle]-without[middle]).Seconds()*1000, "added-p50-ms")
	})
}

// BenchmarkReserveHot reserves for one account from sixteen sides at once, as for
// a team that shares a budget.
func BenchmarkReserveHot(b *testing.B) {
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account, policy := newUser(b, db), benchPolicy(db)
		h, err := policy.Admit(b.Context(), benchAsk(account, "x"))
		if err != nil {
			b.Fatal(err)
		}
		var failed atomic.Bool
		b.SetParallelism(8) // times the two processors
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				mine := *h
				mine.ID = conversation.NewID()
				if err := db.Quota().Reserve(b.Context(), &mine); err != nil && !failed.Swap(true) {
					b.Error(err)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "reservations/s")
	})
}

// BenchmarkMeteredTurn stores whole turns as an answer of the relay's benchmark is
// stored: a conversation that comes with its turn, a reservation, an answer of
// 9 600 bytes, its settlement. The words are indexed beside it.
func BenchmarkMeteredTurn(b *testing.B) {
	answer := strings.Repeat("forty-seven bytes of an answer that tells little\n", 200)
	benchBoth(b, func(b *testing.B, db *store.DB) {
		account, policy := newUser(b, db), benchPolicy(db)
		for b.Loop() {
			c, start := newChat(account, "x"), time.Now()
			rec := turn.Record{Ref: turn.Ref{Account: account, ID: conversation.MessageID(conversation.NewID())},
				Conversation: c.ID, Model: "demo/echo", Owner: "p", Member: "u"}
			hold, err := policy.Admit(b.Context(), benchAsk(account, string(rec.ID)))
			if err != nil {
				b.Fatal(err)
			}
			hold.Conversation = string(c.ID)
			rec, _, err = db.Turns().Begin(b.Context(), turn.BeginParams{Create: &c, Unseen: true, Lease: time.Minute, Now: start, Record: rec, Hold: hold,
				Ask: &conversation.Message{ID: conversation.MessageID(conversation.NewID()), CreatedAt: start,
					Parts: []conversation.Part{{Type: conversation.Text, Text: "what is it?"}}}})
			if err != nil {
				b.Fatal(err)
			}
			end := time.Now()
			entry := usage.Entry{Account: account, ID: conversation.NewID(), CreatedAt: end, Member: "u", Kind: usage.Answer, Turn: string(rec.ID),
				Conversation: string(c.ID), Attempt: 1, Provider: "demo", Model: "echo", KeyID: "k", Tokens: provider.Usage{Input: 500, Output: 2400},
				Source: usage.Reported, Outcome: usage.Completed, PriceKnown: true, Price: provider.Price{Input: 1_000_000, Output: 4_000_000}}
			ended, _, err := db.Turns().Finish(b.Context(), turn.FinishParams{Ref: rec.Ref, Epoch: rec.Epoch, State: turn.Completed, Now: end,
				Entries: []usage.Entry{entry}, Answer: conversation.Message{State: conversation.Complete, CreatedAt: start,
					Parts: []conversation.Part{{Type: conversation.Text, Text: answer}}}})
			if err != nil || !ended {
				b.Fatal(ended, err)
			}
		}
	})
}
