package job

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/aichat-term/aichat/server/mail"
)

// Client is River's client, whatever the database.
type Client interface {
	Start(ctx context.Context) error
	Stop(ctx context.Context) error
	StopAndCancel(ctx context.Context) error

	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	JobRetry(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobCancel(ctx context.Context, id int64) (*rivertype.JobRow, error)
}

// Options are what jobs need.
type Options struct {
	// NewClient makes the database's client. It polls: see Poll.
	NewClient func(*river.Config) (Client, error)

	// Forget removes what a job was made of.
	Forget func(ctx context.Context, id int64) error

	// Reclaim lets jobs run again that dead processes left behind, where that can
	// be told; nil: it cannot, and they wait until they have run for too long.
	Reclaim func(ctx context.Context) error

	// Origin is a name that no other database has. With it letters are told from
	// those that another server sends through the same account.
	Origin string

	Sender mail.Sender
	Sweeps []Sweep

	// RollUp adds at most so many rows of the ledger to the sums of their hours, and
	// says how many they were; nil: nothing is rolled up.
	RollUp func(ctx context.Context, most int) (int, error)

	Letters int // sent at a time; zero: 4

	// Poll is how often the database is asked for work, and so about twice the
	// time that a letter waits for nothing; zero: 500 ms.
	Poll time.Duration

	Logger *slog.Logger     // nil: discard
	Now    func() time.Time // nil: time.Now
}

func (o Options) withDefaults() Options {
	o.Letters = cmp.Or(o.Letters, 4)
	o.Poll = cmp.Or(o.Poll, 500*time.Millisecond)
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// How long jobs are kept when nothing is left to do about them.
const (
	keepDone = 24 * time.Hour
	keepDead = 7 * 24 * time.Hour // discarded after too many tries, or cancelled
)

// rescue is when a job that is said to run is taken for one whose process died.
// It is longer than any try of a letter takes, or two processes would send it;
// jobs that take longer say so with their Timeout.
const rescue = 2 * jobTime

// jobTime is how long a try may take, unless its worker says otherwise.
const jobTime = time.Minute

// Runner works the jobs of one database, beside other processes that do. What a
// Runner that was not started can do is what is in Queue.
type Runner struct {
	Queue
	reclaim func(context.Context) error
}

// New puts the workers together. It does not ask the database yet.
func New(o Options) (*Runner, error) {
	o = o.withDefaults()
	client, err := o.NewClient(&river.Config{
		Workers:      workers(o),
		PeriodicJobs: periodic(o),
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: o.Letters}},

		FetchPollInterval: o.Poll,
		FetchCooldown:     min(o.Poll, 100*time.Millisecond),
		PollOnly:          true, // a pooler may stand between, and our own inserts notify nobody

		JobTimeout:                  jobTime,
		RescueStuckJobsAfter:        rescue,
		RetryPolicy:                 backoff{o.Now},
		ErrorHandler:                teller{o.Logger},
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepDead,
		DiscardedJobRetentionPeriod: keepDead,

		Logger: slog.New(quiet{o.Logger.Handler()}),
	})
	if err != nil {
		return nil, err
	}
	return &Runner{Queue: Queue{client}, reclaim: o.Reclaim}, nil
}

// Start begins to work and returns. The work goes on when ctx has ended, until
// Stop.
func (r *Runner) Start(ctx context.Context) error {
	if r.reclaim != nil {
		if err := r.reclaim(ctx); err != nil {
			return err
		}
	}
	return r.client.Start(context.WithoutCancel(ctx))
}

// lastWords is how long jobs may take to notice that they are cancelled.
const lastWords = 5 * time.Second

// Stop takes no new jobs and waits for those that run. When ctx ends they are
// cancelled, and run again some time later, here or elsewhere; then Stop's error
// is ctx's. It is harmless for a Runner that was not started, and for one that
// has stopped.
func (r *Runner) Stop(ctx context.Context) error {
	err := r.client.Stop(ctx)
	if err == nil || ctx.Err() == nil {
		return err
	}
	last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWords)
	defer done()
	return errors.Join(err, r.client.StopAndCancel(last))
}
