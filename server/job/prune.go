package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
)

// Prune asks to remove what is over: see Sweep.
type Prune struct{}

// Kind implements river.JobArgs.
func (Prune) Kind() string { return "prune" }

// Sweep is something that gathers, and how long it is kept when it is over.
type Sweep struct {
	What string // for the log, in the plural: "security events"
	Keep time.Duration

	// Remove removes what was over before a moment, and says how much.
	Remove func(ctx context.Context, before time.Time) (int64, error)
}

// pruneWorker sweeps. Whatever it does twice is no different from once.
type pruneWorker struct {
	river.WorkerDefaults[Prune]
	sweeps []Sweep
	log    *slog.Logger
	now    func() time.Time
}

func newPruneWorker(o Options) *pruneWorker {
	return &pruneWorker{sweeps: o.Sweeps, log: o.Logger, now: o.Now}
}

// Timeout implements river.Worker: after a long absence there is much to remove.
func (*pruneWorker) Timeout(*river.Job[Prune]) time.Duration { return 10 * time.Minute }

// Work implements river.Worker. A sweep that fails keeps no other from its work.
func (w *pruneWorker) Work(ctx context.Context, _ *river.Job[Prune]) error {
	var failed error
	for _, s := range w.sweeps {
		n, err := s.Remove(ctx, w.now().Add(-s.Keep))
		if n > 0 {
			w.log.InfoContext(ctx, "pruned", "what", s.What, "rows", n)
		}
		failed = errors.Join(failed, err)
	}
	return failed
}
