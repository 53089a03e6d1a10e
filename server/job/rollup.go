package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// RollUp asks to add what is new in the ledger to the sums of its hours. Without
// it nothing is wrong, but the ledger's new rows are read one by one.
type RollUp struct{}

// Kind implements river.JobArgs.
func (RollUp) Kind() string { return "roll_up" }

// rollUpEvery is how often it is asked for: so many minutes' rows are read one by one.
const rollUpEvery = 5 * time.Minute

// rollUpRows is how many rows one transaction rolls up, so that it holds up a
// question for no more than some milliseconds.
const rollUpRows = 500

// rollUpWorker rolls up until nothing is left to. Where it is cut short, or runs
// twice at once, every row is added once: see usage.Roller.
type rollUpWorker struct {
	river.WorkerDefaults[RollUp]
	rollUp func(ctx context.Context, most int) (int, error)
	log    *slog.Logger
}

func newRollUpWorker(o Options) *rollUpWorker { return &rollUpWorker{rollUp: o.RollUp, log: o.Logger} }

// Timeout implements river.Worker: a ledger that was never rolled up takes a while.
// What has been done when it is over stays done.
func (*rollUpWorker) Timeout(*river.Job[RollUp]) time.Duration { return 10 * time.Minute }

// Work implements river.Worker.
func (w *rollUpWorker) Work(ctx context.Context, _ *river.Job[RollUp]) error {
	total, err := Drain(ctx, w.rollUp)
	if total > 0 {
		w.log.InfoContext(ctx, "ledger rolled up", "rows", total)
	}
	return err
}

// Drain rolls up batch by batch until nothing is left, and says how many rows it
// were.
func Drain(ctx context.Context, rollUp func(ctx context.Context, most int) (int, error)) (total int, err error) {
	for {
		n, err := rollUp(ctx, rollUpRows)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}
