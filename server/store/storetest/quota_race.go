package storetest

import (
	"errors"
	"sync/atomic"
	"testing"

	"github.com/aichat-term/aichat/server/conversation"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/quota"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/turn"
	"github.com/aichat-term/aichat/server/usage"
)

// ofThousand is how many of the calls are reserved at once, each of 10, of a
// limit of 1 000: exactly 100 fit.
const ofThousand = 200

// reserveRounds is how often the race for the limit is run.
const reserveRounds = 3

// raceReserve: of 200 reservations of 10 against 1 000 exactly 100 are held.
func raceReserve(w *world) {
	for range reserveRounds {
		w.overrun(w.quota)
	}
}

// RaceReserve is the same race with several processes on one database.
func RaceReserve(t *testing.T, dbs ...*store.DB) {
	w := newWorld(t, dbs[0], nil)
	stores := make([]*store.Quota, len(dbs))
	for i, db := range dbs {
		stores[i] = db.Quota()
	}
	for range reserveRounds {
		w.overrun(stores...)
	}
}

// overrun has an account of its own try to hold twice what there is, through
// several stores, and then gives and settles it all at once.
func (w *world) overrun(stores ...*store.Quota) {
	w.account, w.user = w.newUser("racer")
	p := w.policy(monthly(quota.Tokens, 1000), quota.Limit{Scope: quota.ForMember, Period: quota.Day, Unit: quota.Tokens, Most: 1 << 30})
	holds := make([]*quota.Hold, ofThousand)
	for i := range holds {
		call := w.call(conversation.NewID(), 10)
		if i%2 == 0 {
			call = unseen(call)
		}
		holds[i] = w.admit(p, call)
	}
	var held, refused atomic.Int64
	fits := make([]bool, len(holds))
	together(len(holds), func(i int) {
		switch err := w.reserveOrLook(p, stores[i%len(stores)], &holds[i]); {
		case err == nil:
			held.Add(1)
			fits[i] = true
		case fault.Is(err, fault.QuotaExhausted):
			refused.Add(1)
		default:
			w.Errorf("reserve: %v", err)
		}
	})
	wantEqual(w, "held", held.Load(), 100)
	wantEqual(w, "refused", refused.Load(), 100)
	w.wantTokens("held", 0, 1000)

	// Each is settled twice and given back once, all at the same time; which of
	// the three comes first decides, so that is told by the ledger alone.
	rows := make([]usage.Entry, len(holds))
	for i := range holds {
		rows[i] = w.cost(holds[i], 7)
	}
	together(3*len(holds), func(i int) {
		h, entries := holds[i/3], rows[i/3:i/3+1]
		if i%3 == 2 && i/3%2 == 0 {
			entries = nil
		}
		if _, err := stores[i%len(stores)].Settle(w.ctx, h.Account, h.ID, entries); err != nil {
			w.Errorf("settle: %v", err)
		}
	})
	b := w.balance(quota.Month)
	wantEqual(w, "still held", b.Held, quota.Amount{})
	all, charged := w.ledgerSums()
	wantEqual(w, "the charged rows' sum", charged, b.Used.Tokens)
	wantEqual(w, "the ledger's sum", all, int64(len(holds))*7) // each row is there, and once
	if b.Used.Tokens < 50*7 || b.Used.Tokens > 100*7 {
		w.Errorf("%d tokens used", b.Used.Tokens)
	}
	w.wantCounted()
}

// reserveOrLook reserves a hold, or the one that is made by looking where it does
// not stand.
func (w *world) reserveOrLook(p *quota.Metered, s *store.Quota, h **quota.Hold) error {
	err := s.Reserve(w.ctx, *h)
	if !errors.Is(err, quota.ErrUnseen) {
		return err
	}
	ask := w.call((*h).ID, 10)
	ask.Look = true
	looked, err := p.Admit(w.ctx, ask)
	if err != nil {
		return err
	}
	*h = looked
	return s.Reserve(w.ctx, looked)
}

// ledgerSums are what the account's rows come to, in tokens, and what of it is
// charged.
func (w *world) ledgerSums() (all, charged int64) {
	w.Helper()
	rows, err := w.ledger.Entries(w.ctx, w.account, moment.AddDate(1, 0, 0), 10_000)
	w.must(err)
	for i := range rows {
		all += rows[i].Tokens.Total()
		if rows[i].Charged {
			charged += rows[i].Tokens.Total()
		}
	}
	return all, charged
}

// raceTurnsOfLimit: turns of different conversations begin and end at once; the
// limit holds, and whoever is refused has left nothing.
func raceTurnsOfLimit(w *world) {
	const askers, fit = 16, 5
	for range rounds / 2 {
		w.account, w.user = w.newUser("racer")
		p := w.policy(monthly(quota.Tokens, fit*10))
		asks := make([]turn.BeginParams, askers)
		for i := range asks {
			asks[i] = w.ask(w.newChat("one").ID, "", "hello")
			asks[i].Hold = w.admit(p, w.call(string(asks[i].Record.ID), 10))
		}
		began := make([]*turn.Record, askers)
		together(askers, func(i int) {
			switch rec, _, err := w.turns.Begin(w.ctx, asks[i]); {
			case err == nil:
				began[i] = &rec
			case !fault.Is(err, fault.QuotaExhausted):
				w.Errorf("begin: %v", err)
			}
		})
		w.wantTokens("begun", 0, fit*10)
		fins := make([]turn.FinishParams, askers)
		for i, rec := range began {
			if rec != nil {
				fins[i] = w.done(*rec, "hi")
				fins[i].Entries = []usage.Entry{w.cost(asks[i].Hold, 10)}
			}
		}
		together(2*askers, func(i int) {
			if began[i/2] == nil {
				return
			}
			if _, _, err := w.turns.Finish(w.ctx, fins[i/2]); err != nil {
				w.Errorf("finish: %v", err)
			}
		})
		w.wantTokens("ended", fit*10, 0)
		wantEqual(w, "messages", w.balance(quota.Day).Used.Messages, fit)
	}
}

// raceWarn: many answers end at once; each level is told once.
func raceWarn(w *world) {
	for range rounds / 2 {
		w.account, w.user = w.newUser("racer")
		w.wantToldOnce()
	}
}

// RaceLetters is the same on a database that queues letters about limits: an owner
// who can be written to gets one for each level, others none.
func RaceLetters(t *testing.T, db *store.DB, peek Peek) {
	w := newWorld(t, db, peek)
	for _, tc := range []struct {
		user    identity.User
		letters int64
	}{
		{identity.User{Email: "ada@example.com", Locale: "de"}, int64(len(quota.Levels()))},
		{identity.User{Email: "local@example.com", Local: true}, 0},
		{identity.User{}, 0},
	} {
		u := tc.user
		u.ID, u.Account, u.Name, u.CreatedAt = identity.UserID(conversation.NewID()), identity.AccountID(conversation.NewID()), "racer", w.now()
		w.must(w.who.CreateUser(w.ctx, u))
		w.account, w.user = u.Account, u.ID
		w.wantToldOnce()
		n, err := peek(w.ctx, db, `SELECT count(*) FROM river_job WHERE kind = 'mail' AND args ->> 'to' = $1`, u.Email)
		w.must(err)
		wantEqual(w, "letters to "+u.Email, n, tc.letters)
	}
	n, err := peek(w.ctx, db, `SELECT count(*) FROM river_job`)
	w.must(err)
	wantEqual(w, "letters", n, int64(len(quota.Levels())))
}

// wantToldOnce ends as many answers at once as a limit allows.
func (w *world) wantToldOnce() {
	w.Helper()
	p := w.policy(monthly(quota.Messages, 20))
	holds := make([]*quota.Hold, 20)
	for i := range holds {
		holds[i] = w.reserved(p, 10)
	}
	var told [101]atomic.Int64
	together(len(holds), func(i int) {
		all, err := w.quota.Settle(w.ctx, w.account, holds[i].ID, []usage.Entry{w.cost(holds[i], 1)})
		if err != nil {
			w.Errorf("settle: %v", err)
		}
		for _, warning := range all {
			told[warning.Percent].Add(1)
			if want := quota.Month.Around(moment, 1).Ends; !warning.Resets.Equal(want) || warning.What() == "" {
				w.Errorf("warned of %+v", warning)
			}
		}
	})
	for _, level := range quota.Levels() {
		wantEqual(w, "told", told[level].Load(), 1)
	}
}

// raceRebuild: making the counters anew while calls come and go changes nothing
// that is right.
func raceRebuild(w *world) {
	w.wantRebuilt(func() {}, 0)
}

// RaceRebuild is the same with an account whose counters spoil has made wrong, by
// adding to what they say: each of them is mended once, by one of those who try.
func RaceRebuild(t *testing.T, db *store.DB, spoil func(account identity.AccountID) (counters int64)) {
	w := newWorld(t, db, nil)
	var spoiled int64
	w.wantRebuilt(func() { spoiled = spoil(w.account) }, 1)
	if spoiled == 0 {
		w.Errorf("nothing was spoiled")
	}
}

// wantRebuilt has calls come and go, turns among them, while the counters are
// made anew by several.
func (w *world) wantRebuilt(spoil func(), mended int64) {
	w.Helper()
	const calls, turns, rebuilders = 30, 6, 4
	p := w.policy(monthly(quota.Tokens, 1<<40))
	w.reserved(p, 10)
	spoil()
	holds := make([]*quota.Hold, calls)
	for i := range holds {
		holds[i] = w.admit(p, w.call(conversation.NewID(), 10))
	}
	asks, fins := make([]turn.BeginParams, turns), make([]turn.FinishParams, turns)
	for i := range asks {
		asks[i] = w.ask(w.newChat("one").ID, "", "hello")
		asks[i].Hold = w.admit(p, w.call(string(asks[i].Record.ID), 10))
		first := asks[i].Record
		first.Epoch = 1
		fins[i] = w.done(first, "hi")
		fins[i].Entries = []usage.Entry{w.cost(asks[i].Hold, 3)}
	}
	var found atomic.Int64
	together(calls+turns+rebuilders, func(i int) {
		switch {
		case i < calls:
			w.reserveAndSettle(holds[i])
		case i < calls+turns:
			w.beginAndFinish(asks[i-calls], fins[i-calls])
		default:
			wrong, err := w.quota.Rebuild(w.ctx, w.account)
			if err != nil {
				w.Errorf("rebuild: %v", err)
			}
			found.Add(int64(min(1, len(wrong))))
		}
	})
	wantEqual(w, "rebuilds that found something", found.Load(), mended)
	w.wantTokens("at the end", 3*(calls+turns), 10)
	w.wantCounted()
}

func (w *world) reserveAndSettle(h *quota.Hold) {
	if err := w.quota.Reserve(w.ctx, h); err != nil {
		w.Errorf("reserve: %v", err)
	}
	if _, err := w.quota.Settle(w.ctx, h.Account, h.ID, []usage.Entry{w.cost(h, 3)}); err != nil {
		w.Errorf("settle: %v", err)
	}
}

func (w *world) beginAndFinish(ask turn.BeginParams, fin turn.FinishParams) {
	if _, _, err := w.turns.Begin(w.ctx, ask); err != nil {
		w.Errorf("begin: %v", err)
	}
	if ended, _, err := w.turns.Finish(w.ctx, fin); err != nil || !ended {
		w.Errorf("finish: %v, %v", ended, err)
	}
}

// raceAnchor: an account's months come to begin on other days while calls come and
// go; whatever was counted when, it is counted right in the end.
func raceAnchor(w *world) {
	const calls, days = 30, 6
	p := w.policy(monthly(quota.Tokens, 1<<40))
	holds := make([]*quota.Hold, calls)
	for i := range holds {
		holds[i] = w.admit(p, w.call(conversation.NewID(), 10))
	}
	together(calls+days, func(i int) {
		if i < calls {
			w.reserveAndSettle(holds[i])
		} else if err := w.quota.SetAnchor(w.ctx, w.account, 13+i-calls); err != nil {
			w.Errorf("anchor: %v", err)
		}
	})
	w.wantCounted()
	w.must(w.quota.SetAnchor(w.ctx, w.account, 0))
	w.wantTokens("at the end", 3*calls, 0)
	w.wantCounted()
}
