package storetest

import (
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/usage"
)

// raceRollUp: rows that are written while several roll up are in the sums once.
func raceRollUp(w *world) {
	const writers, each, rollers = 4, 20, 3
	b := newBooks(w)
	for range writers * each {
		b.rows = append(b.rows, b.entry())
	}
	var writing, others sync.WaitGroup
	written := make(chan struct{})
	for part := range writers {
		writing.Go(func() { b.append(b.rows[part*each : (part+1)*each]) })
	}
	for range rollers {
		others.Go(func() { b.rollUpUntil(written) })
	}
	others.Go(func() { b.readUntil(written) })
	writing.Wait()
	close(written)
	others.Wait()
	wantEqual(w, "due", w.count(`SELECT count(*) FROM usage_due`), 0)
	b.wantSums("after the race")
	drifted, err := w.db.Usage().Drift(w.ctx, w.account)
	w.must(err)
	wantEqual(w, "drifted", len(drifted), 0)
}

// RaceMend sets sums right that spoil has made wrong, while rows are written and
// rolled up; several try at once.
func RaceMend(t *testing.T, db *store.DB, spoil func(account identity.AccountID)) {
	const writers, each, menders = 3, 10, 3
	w := newWorld(t, db, nil)
	b := newBooks(w)
	b.write(40)
	b.rollUp(30)
	spoil(w.account)
	wrong, err := db.Usage().Drift(w.ctx, w.account)
	w.must(err)
	of := map[usage.Rollup]bool{}
	for _, d := range wrong {
		of[d.Of] = true
	}
	wantEqual(w, "kinds of sums that are wrong", len(of), 3)
	late := len(b.rows)
	for range writers * each {
		b.rows = append(b.rows, b.entry())
	}
	var writing, others sync.WaitGroup
	written := make(chan struct{})
	for part := range writers {
		writing.Go(func() { b.append(b.rows[late+part*each : late+(part+1)*each]) })
	}
	others.Go(func() { b.rollUpUntil(written) })
	for range menders {
		others.Go(func() {
			for _, d := range wrong {
				if err := db.Usage().Mend(w.ctx, d.Account, d.Hour); err != nil {
					w.Errorf("mending %v of %s: %v", d.Hour, d.Of, err)
				}
			}
		})
	}
	writing.Wait()
	close(written)
	others.Wait()
	wrong, err = db.Usage().Drift(w.ctx, "")
	w.must(err)
	if len(wrong) > 0 {
		w.Errorf("it is still wrong: %+v", wrong)
	}
	b.wantSums("mended")
	b.wantOutcomes()
	w.want(fault.NotFound, db.Usage().Mend(w.ctx, "nobody", moment))
}

// append writes rows one by one.
func (b *books) append(rows []usage.Entry) {
	for _, e := range rows {
		if err := b.ledger.Append(b.ctx, []usage.Entry{e}); err != nil {
			b.Error(err)
		}
	}
}

// rollUpUntil rolls up until all is written and rolled up.
func (b *books) rollUpUntil(written <-chan struct{}) {
	for {
		last := closed(written)
		n, err := b.db.Usage().RollUp(b.ctx, 5)
		if err != nil {
			b.Error(err)
			return
		}
		if last && n == 0 {
			return
		}
	}
}

// readUntil checks that what is read while it is rolled up never shrinks, and is
// never more than all.
func (b *books) readUntil(written <-chan struct{}) {
	of, bounds := usage.Whose{Account: b.account}, []time.Time{moment.Add(-100 * time.Hour), moment.Add(100 * time.Hour)}
	for before, last := int64(0), false; !last; {
		last = closed(written)
		groups, err := b.db.Usage().Sums(b.ctx, of, usage.ByKind, bounds)
		if err != nil {
			b.Error(err)
			return
		}
		all, _ := usage.Total(groups)
		if all.Calls < before || all.Calls > int64(len(b.rows)) {
			b.Errorf("%d calls after %d", all.Calls, before)
		}
		before = all.Calls
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
