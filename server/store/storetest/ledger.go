package storetest

import (
	"github.com/aichat-term/aichat/server/usage"
)

func ledger(w *world) {
	rec := w.begin(w.ask(w.newChat("one").ID, "", "hello"))
	a, b := w.entry(rec), w.entry(rec)
	a.Charged, a.Reservation, b.Charged, b.Reservation = false, "", false, ""
	w.must(w.ledger.Append(w.ctx, []usage.Entry{a, b}))
	changed := a
	changed.CostMicroUSD, changed.Charged, changed.Reservation = 999, true, "none"
	w.must(w.ledger.Append(w.ctx, []usage.Entry{changed}))
	w.must(w.ledger.Append(w.ctx, nil))
	got, err := w.ledger.Entries(w.ctx, w.account, w.now(), 10)
	w.must(err)
	if len(got) != 2 || got[0] != b || got[1] != a {
		w.Fatalf("entries %+v", got)
	}
	got, err = w.ledger.Entries(w.ctx, w.account, b.CreatedAt, 10)
	w.must(err)
	wantEqual(w, "before", len(got), 1)
}
