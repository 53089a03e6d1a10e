package job_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"github.com/aichat-term/aichat/server/identity"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/store"
	"github.com/aichat-term/aichat/server/store/sqlitetest"
)

// The store's own queue beside a busy writer: neither keeps the other from its
// work, and each letter is sent once.
func TestBesideABusyWriter(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		db, err := store.Open(t.Context(), store.Options{Database: q.address})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		})
		p := &post{}
		r := q.run(t, p, func(o *job.Options) {
			o.NewClient = func(c *river.Config) (job.Client, error) { return db.Jobs().Client(c) }
			o.Forget, o.Now = db.Jobs().Forget, clock
			o.Sweeps = []job.Sweep{{What: "events", Keep: time.Hour, Remove: db.Identities().PruneEvents}}
		})
		const writers, letters = 8, 20
		var busy sync.WaitGroup
		for i := range writers {
			busy.Go(func() {
				for n := range letters {
					e := identity.Event{ID: uuid.NewString(), At: at, What: identity.SignedIn}
					if err := db.Identities().Record(t.Context(), e); err != nil {
						t.Errorf("the writer: %v", err)
					}
					if err := db.Jobs().Queue(t.Context(), code(i*letters+n)); err != nil {
						t.Errorf("the queue: %v", err)
					}
				}
			})
		}
		busy.Wait()
		done(t, r, writers*letters)
		if err := r.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		sent := map[string]int{}
		for _, m := range p.sent {
			sent[m.To]++
		}
		for n := range writers * letters {
			if to := fmt.Sprintf("user%d@example.com", n); sent[to] != 1 {
				t.Errorf("%s got %d letters", to, sent[to])
			}
		}
	})
}

// done waits until so many letters are sent.
func done(t *testing.T, r *job.Runner, want int) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := r.List(t.Context(), 1000, job.States()...)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, e := range all {
			if e.Kind == (mail.Letter{}).Kind() && e.State == job.Completed {
				n++
			}
			if strings.Contains(e.Error, "locked") {
				t.Errorf("a job met the writer: %+v", e)
			}
		}
		if n == want {
			return
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("%d of %d letters are sent", n, want)
		}
	}
}

// On SQLite a server that starts knows that whoever had a job is dead: the
// letter goes out at once. One that used up its tries is not tried again.
func TestReclaim(t *testing.T) {
	t.Parallel()
	q := made(t, sqlitetest.File(t))
	id, spent := q.add(t, q.db, code(1), 25), q.add(t, q.db, code(2), 1)
	dying := start(t, q, "sending")
	dying.says(t, "sending")
	dying.says(t, "sending")
	dying.kill(t)

	db, err := store.Open(t.Context(), store.Options{Database: q.address})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	p := &post{}
	r := q.run(t, p, func(o *job.Options) { o.Now, o.Reclaim = clock, db.Jobs().Reclaim })
	if e := until(t, r, id, job.Completed); e.Attempt != 2 || p.count() != 1 {
		t.Errorf("%d letters, %+v", p.count(), e)
	}
	until(t, r, spent, job.Running) // until River gives it up
}

// On Postgres another process may be at it.
func TestReclaimLeavesTheLivingAlone(t *testing.T) {
	t.Parallel()
	onPostgres(t, func(t *testing.T, q *queue) {
		id := q.add(t, q.db, code(1), 25)
		other := start(t, q, "sending")
		other.says(t, "sending")
		db, err := store.Open(t.Context(), store.Options{Database: q.address})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := db.Close(); err != nil {
				t.Error(err)
			}
		}()
		if err := db.Jobs().Reclaim(t.Context()); err != nil {
			t.Fatal(err)
		}
		until(t, q.runner(t, &post{}, nil), id, job.Running)
	})
}
