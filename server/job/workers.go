package job

import (
	"time"

	"github.com/riverqueue/river"
)

// workers lists who does what: one line for each kind of job.
func workers(o Options) *river.Workers {
	all := river.NewWorkers()
	river.AddWorker(all, newMailWorker(o))
	river.AddWorker(all, newPruneWorker(o))
	if o.RollUp != nil {
		river.AddWorker(all, newRollUpWorker(o))
	}
	return all
}

// periodic lists what is done again and again, by whichever process leads.
func periodic(o Options) []*river.PeriodicJob {
	every := func(interval time.Duration, args river.JobArgs) *river.PeriodicJob {
		// Once at the start, for servers that are restarted more often; but not
		// again within the interval.
		once := river.UniqueOpts{ByPeriod: interval}
		return river.NewPeriodicJob(river.PeriodicInterval(interval),
			func() (river.JobArgs, *river.InsertOpts) {
				return args, &river.InsertOpts{MaxAttempts: 3, UniqueOpts: once}
			},
			&river.PeriodicJobOpts{ID: args.Kind(), RunOnStart: true})
	}
	all := []*river.PeriodicJob{every(time.Hour, Prune{})}
	if o.RollUp != nil {
		all = append(all, every(rollUpEvery, RollUp{}))
	}
	return all
}
