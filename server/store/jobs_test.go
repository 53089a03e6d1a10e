package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/aichat-term/aichat/server/store"
)

// TestMigrateDownAndUp takes every step back that sign-in has made, and makes it
// again.
func TestMigrateDownAndUp(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		for range 2 {
			db := open(t, o)
			tables(t, db, true)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db, err := store.Blank(t.Context(), o)
			if err != nil {
				t.Fatal(err)
			}
			if err := db.MigrateDown(t.Context(), o, 3); err != nil {
				t.Fatal(err)
			}
			tables(t, db, false)
			if err := db.MigrateDown(t.Context(), o, 0); err != nil {
				t.Fatal(err)
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func tables(t *testing.T, db *store.DB, want bool) {
	t.Helper()
	for _, table := range []string{"sessions", "river_job", "river_migration", "audit_events"} {
		var n int
		err := db.Write().QueryRowContext(t.Context(), `SELECT count(*) FROM `+table).Scan(&n)
		if (err == nil) != want {
			t.Errorf("%s: %v", table, err)
		}
	}
}

// TestRiversTables: River knows no newer version of its tables than we make.
func TestRiversTables(t *testing.T) {
	t.Parallel()
	lite, err := rivermigrate.New(riversqlite.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	pg, err := rivermigrate.New(riverpgxv5.New(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, all := range map[string][]rivermigrate.Migration{"sqlite": lite.AllVersions(), "postgres": pg.AllVersions()} {
		if newest := all[len(all)-1].Version; newest != store.RiverVersion {
			t.Errorf("%s: River's tables are at version %d, ours at %d: add a step", name, newest, store.RiverVersion)
		}
	}
}

// note is the job of these tests.
type note struct {
	Text string `json:"text"`
}

func (note) Kind() string { return "note" }

// worked collects what is worked.
type worked struct {
	river.WorkerDefaults[note]
	jobs  *store.Jobs
	mu    sync.Mutex
	texts map[string]int
	all   chan struct{} // closed when want texts have come
	want  int
}

func (w *worked) Work(ctx context.Context, job *river.Job[note]) error {
	if err := w.jobs.Forget(ctx, job.ID); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.texts[job.Args.Text]++
	if len(w.texts) == w.want {
		close(w.all)
	}
	return nil
}

// work starts a client that works n notes.
func work(t *testing.T, db *store.DB, n int) *worked {
	t.Helper()
	w := &worked{jobs: db.Jobs(), texts: map[string]int{}, all: make(chan struct{}), want: n}
	workers := river.NewWorkers()
	river.AddWorker(workers, w)
	client, err := db.Jobs().Client(&river.Config{Workers: workers, FetchPollInterval: 100 * time.Millisecond,
		Queues: map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 4}}})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := client.Stop(context.Background()); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return w
}

// TestJobs: what is committed is worked, and forgotten where that is asked for;
// what is rolled back is not.
func TestJobs(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		failed := errors.New("not this one")
		for i := range 3 {
			if err := db.Enqueue(t.Context(), note{fmt.Sprint("no ", i)}, failed); !errors.Is(err, failed) {
				t.Fatal(err)
			}
			if err := db.Enqueue(t.Context(), note{fmt.Sprintf(`yes %d: "ä\"`, i)}, nil); err != nil {
				t.Fatal(err)
			}
		}
		w := work(t, db, 3)
		<-w.all
		for i := range 3 {
			if w.texts[fmt.Sprintf(`yes %d: "ä\"`, i)] != 1 {
				t.Errorf("worked %v", w.texts)
			}
		}
		if n, err := peek(t.Context(), db, `SELECT count(*) FROM river_job WHERE args ->> 'text' <> ''`); err != nil || n != 0 {
			t.Errorf("%d jobs are remembered: %v", n, err)
		}
	})
}

// TestJobsBesideTheWriter: many transactions and River's own leave each other
// alone: none fails.
func TestJobsBesideTheWriter(t *testing.T) {
	onBoth(t, func(t *testing.T, o store.Options) {
		db := open(t, o)
		const writers, each = 8, 25
		w := work(t, db, writers*each)
		var group sync.WaitGroup
		for i := range writers {
			group.Go(func() {
				newUser(t, db)
				for j := range each {
					if err := db.Enqueue(t.Context(), note{fmt.Sprint(i, " ", j)}, nil); err != nil {
						t.Errorf("enqueue: %v", err)
					}
				}
			})
		}
		group.Wait()
		<-w.all
	})
}
