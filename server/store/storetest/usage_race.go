package storetest

import (
	"sync"
	"time"

	"github.com/aichat-term/aichat/server/usage"
)

// raceRollUp: rows that are written while several roll up are in the sums once.
func raceRollUp(w *world) {
	b := newBooks(w)
	for range 80 {
		b.rows = append(b.rows, b.entry())
	}
	var writers, rollers sync.WaitGroup
	done := make(chan struct{})
	for part := range 4 {
		writers.Go(func() {
			for _, e := range b.rows[part*20 : part*20+20] {
				if err := w.ledger.Append(w.ctx, []usage.Entry{e}); err != nil {
					w.Error(err)
				}
			}
		})
	}
	for range 3 {
		rollers.Go(func() {
			for {
				n, err := w.db.Usage().RollUp(w.ctx, 5)
				if err != nil {
					w.Error(err)
					return
				}
				select {
				case <-done:
					if n == 0 {
						return
					}
				default:
				}
			}
		})
	}
	of, bounds := usage.Whose{Account: w.account}, []time.Time{moment.Add(-100 * time.Hour), moment.Add(100 * time.Hour)}
	readers := sync.WaitGroup{}
	readers.Go(func() { // what is read while it is rolled up never shrinks, and is never more than all
		var before int64
		for {
			groups, err := w.db.Usage().Sums(w.ctx, of, usage.ByKind, bounds)
			if err != nil {
				w.Error(err)
				return
			}
			all, _ := usage.Total(groups)
			if all.Calls < before || all.Calls > int64(len(b.rows)) {
				w.Errorf("%d calls after %d", all.Calls, before)
			}
			before = all.Calls
			select {
			case <-done:
				return
			default:
			}
		}
	})
	writers.Wait()
	close(done)
	rollers.Wait()
	readers.Wait()
	wantEqual(w, "due", w.count(`SELECT count(*) FROM usage_due`), 0)
	b.wantSums("after the race")
	drifted, err := w.db.Usage().Drift(w.ctx, w.account)
	w.must(err)
	wantEqual(w, "drifted", len(drifted), 0)
}
