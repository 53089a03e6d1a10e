package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"github.com/aichat-term/aichat/server/mail"
	"github.com/aichat-term/aichat/server/signin"
)

// Jobs is the queue of work that is done later: River's tables. Jobs are added by
// the transactions that give rise to them, with one statement of ours, since
// River's own insertion cannot take part in a transaction of SQLite's writer;
// they are worked by River.
type Jobs struct{ db *DB }

// Jobs returns the queue.
func (db *DB) Jobs() *Jobs { return &Jobs{db} }

// JobClient works jobs: River's client, whatever the database.
type JobClient interface {
	// Start begins to work and returns. When ctx ends, so does the work.
	Start(ctx context.Context) error
	// Stop waits for the jobs that run; the error is ctx's.
	Stop(ctx context.Context) error
	// StopAndCancel stops, and cancels the jobs that run.
	StopAndCancel(ctx context.Context) error
	// Stopped is closed when the client has stopped.
	Stopped() <-chan struct{}

	// What an operator sees and does.
	JobList(ctx context.Context, params *river.JobListParams) (*river.JobListResult, error)
	JobRetry(ctx context.Context, id int64) (*rivertype.JobRow, error)
	JobCancel(ctx context.Context, id int64) (*rivertype.JobRow, error)
}

// The promises kept here.
var (
	_ signin.Outbox = (*Jobs)(nil)

	_ JobClient = (*river.Client[*sql.Tx])(nil)
	_ JobClient = (*river.Client[pgx.Tx])(nil)
)

// jobPool is what River works with; one of them is set.
type jobPool struct {
	lite *sql.DB // one connection, beside the writer's; connects when it is used
	pg   *pgxpool.Pool
}

// Client returns a client that works jobs as config says. It is to be stopped
// before the database is closed.
//
// It polls: on Postgres a pooler may stand between, over which nobody is
// notified, and our own insertions notify nobody. On SQLite its transactions and
// the writer's wait for each other, each at most the busy_timeout of the other's
// connection.
func (j *Jobs) Client(config *river.Config) (JobClient, error) {
	c := *config
	c.PollOnly = true
	if pool := j.db.jobs.pg; pool != nil {
		return jobClient(riverpgxv5.New(pool), &c)
	}
	return jobClient(riversqlite.New(j.db.jobs.lite), &c)
}

func jobClient[T any](driver riverdriver.Driver[T], config *river.Config) (JobClient, error) {
	client, err := river.NewClient(driver, config)
	if err != nil {
		return nil, err
	}
	return client, nil
}

// Queue implements signin.Outbox.
func (j *Jobs) Queue(ctx context.Context, l mail.Letter) error {
	return j.db.tx(ctx, func(q querier) error { return enqueue(ctx, j.db, q, l) })
}

// Forget removes what a job was made of, for one that has done its work and must
// not be remembered: a letter with a code in it. A job that is gone is nothing.
func (j *Jobs) Forget(ctx context.Context, id int64) error {
	return j.db.tx(ctx, func(q querier) error {
		_, err := q.ExecContext(ctx, `UPDATE river_job SET args = `+fmt.Sprintf(j.db.dialect.json, "'{}'")+` WHERE id = $1`, id)
		return err
	})
}

// jobArgs are what a job is made of, in JSON (River's JobArgs).
type jobArgs interface{ Kind() string }

// enqueue adds a job with the transaction; what is not said is as River's tables
// have it.
func enqueue(ctx context.Context, db *DB, q querier, args jobArgs) error {
	text, err := json.Marshal(args)
	if err != nil {
		return err
	}
	_, err = q.ExecContext(ctx, `INSERT INTO river_job (args, kind) VALUES (`+fmt.Sprintf(db.dialect.json, "$1")+`, $2)`,
		string(text), args.Kind())
	return err
}
