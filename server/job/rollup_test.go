package job_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/server/job"
)

// Rolling up happens by itself, batch by batch until nothing is left.
func TestRollUp(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		var mu sync.Mutex
		left := 1100
		done := make(chan struct{})
		q.run(t, &post{}, func(o *job.Options) {
			o.RollUp = func(_ context.Context, most int) (int, error) {
				mu.Lock()
				defer mu.Unlock()
				n := min(left, most)
				if left -= n; n == 0 {
					close(done)
				}
				return n, nil
			}
		})
		select {
		case <-done:
		case <-t.Context().Done():
			t.Fatal("it never ends")
		}
		if total, err := job.Drain(t.Context(), func(context.Context, int) (int, error) { return 0, errors.New("the disk is full") }); err == nil || total != 0 {
			t.Errorf("drained %d, %v", total, err)
		}
	})
}
