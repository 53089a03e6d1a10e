package job_test

import (
	"context"
	"testing"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/job"
)

// What an operator can do without a runner that works.
func TestQueue(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		ctx := t.Context()
		r := q.runner(t, &post{}, nil)
		if all, err := r.List(ctx, 0); err != nil || len(all) != 0 {
			t.Fatalf("an empty queue lists %+v, %v", all, err)
		}
		first, second := q.add(t, q.db, code(1), 25), q.add(t, q.db, code(2), 25)
		all, err := r.List(ctx, 0)
		if err != nil || len(all) != 2 || all[0].ID != second || all[1].ID != first {
			t.Fatalf("it lists %+v, %v", all, err)
		}
		if e := all[1]; e.Kind != "mail" || e.About != "code to user1@example.com" || e.State != job.Available || e.MaxAttempts != 25 ||
			e.CreatedAt.IsZero() || e.DueAt.IsZero() || !e.EndedAt.IsZero() || e.Error != "" {
			t.Errorf("an entry is %+v", e)
		}
		if all, err := r.List(ctx, 1); err != nil || len(all) != 1 || all[0].ID != second {
			t.Errorf("one of them: %+v, %v", all, err)
		}
		if all, err := r.List(ctx, 1_000_000); err != nil || len(all) != 2 {
			t.Errorf("very many: %+v, %v", all, err)
		}

		if e, err := r.Cancel(ctx, first); err != nil || e.State != job.Cancelled || e.EndedAt.IsZero() {
			t.Errorf("cancelled: %+v, %v", e, err)
		}
		if e, err := r.Cancel(ctx, first); err != nil || e.State != job.Cancelled {
			t.Errorf("cancelled again: %+v, %v", e, err)
		}
		if all, err := r.List(ctx, 0, job.Cancelled); err != nil || len(all) != 1 || all[0].ID != first {
			t.Errorf("the cancelled: %+v, %v", all, err)
		}
		if e, err := r.Retry(ctx, first); err != nil || e.State != job.Available || !e.EndedAt.IsZero() {
			t.Errorf("retried: %+v, %v", e, err)
		}

		for name, do := range map[string]func(context.Context, int64) (job.Entry, error){"retry": r.Retry, "cancel": r.Cancel} {
			if _, err := do(ctx, 7777); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s of what is not there: %v", name, err)
			}
		}
		gone, cancel := context.WithCancel(ctx)
		cancel()
		if _, err := r.List(gone, 0); !fault.Is(err, fault.Canceled) {
			t.Errorf("nobody waits: %v", err)
		}
	})
}

// What ended well is listed when it is asked for.
func TestQueueOfTheDone(t *testing.T) {
	t.Parallel()
	onBoth(t, func(t *testing.T, q *queue) {
		r := q.run(t, &post{}, func(o *job.Options) { o.Now = clock })
		id := q.add(t, q.db, code(1), 25)
		if e := until(t, r, id, job.Completed); e.About != "" {
			t.Errorf("of a letter that was sent is left %q", e.About)
		}
		all, err := r.List(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range all {
			if e.ID == id {
				t.Errorf("the usual list shows %+v", e)
			}
		}
		if _, err := r.Retry(t.Context(), id); err != nil { // nothing is sent: it was
			t.Fatal(err)
		}
		until(t, r, id, job.Completed)
	})
}
