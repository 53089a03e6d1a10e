package job_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/aichat-term/aichat/server/job"
)

// Sweeping happens by itself, once for all processes, and one sweep that fails
// keeps no other from its work.
func TestPrune(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		var mu sync.Mutex
		before := map[string][]time.Time{}
		sweep := func(what string, keep time.Duration, err error) job.Sweep {
			return job.Sweep{What: what, Keep: keep, Remove: func(_ context.Context, t time.Time) (int64, error) {
				mu.Lock()
				defer mu.Unlock()
				before[what] = append(before[what], t)
				return 7, err
			}}
		}
		sweeps := []job.Sweep{sweep("codes", time.Hour, errors.New("the disk is full")), sweep("events", 24*time.Hour, nil)}
		r := q.run(t, &post{}, func(o *job.Options) { o.Now, o.Sweeps = clock, sweeps })
		e := pruned(t, r)
		if e.Attempt != 1 || e.MaxAttempts != 3 || e.Error != "the disk is full" {
			t.Errorf("its job is %+v", e)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(before["codes"]) != 1 || !before["codes"][0].Equal(at.Add(-time.Hour)) || len(before["events"]) != 1 || !before["events"][0].Equal(at.AddDate(0, 0, -1)) {
			t.Errorf("it removes what was over before %v", before)
		}
	})
}

// pruned waits until sweeping has failed once.
func pruned(t *testing.T, r *job.Runner) job.Entry {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		all, err := r.List(t.Context(), 0, job.Available, job.Retryable)
		if err != nil {
			t.Fatal(err)
		}
		if len(all) == 1 && all[0].Error != "" {
			return all[0]
		}
		select {
		case <-tick.C:
		case <-t.Context().Done():
			t.Fatalf("nothing is swept: %+v", all)
		}
	}
}
