package httpapi

import (
	"context"
	"slices"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/job"
	"github.com/aichat-term/aichat/server/mail"
)

// Jobs is what is done later, for the operator's routes.
type Jobs interface {
	List(ctx context.Context, limit int, states ...job.State) ([]job.Entry, error)
	Retry(ctx context.Context, id int64) (job.Entry, error)
	Cancel(ctx context.Context, id int64) (job.Entry, error)
}

type listJobsIn struct {
	State string `query:"state" doc:"Only jobs in this state, such as discarded; all but completed if empty."`
	Limit int    `query:"limit" doc:"How many at most; clamped to 1 to 1000. Default 100."`
}

func (a *API) listJobs(ctx context.Context, _ caller, in *listJobsIn) (wire.JobList, error) {
	var states []job.State
	if in.State != "" {
		states = []job.State{job.State(in.State)}
		if !slices.Contains(job.States(), states[0]) {
			return wire.JobList{}, invalid("state", "state is none that jobs have: see the description of this route.")
		}
	}
	all, err := a.Jobs.List(ctx, in.Limit, states...)
	list := wire.JobList{Jobs: make([]wire.Job, len(all))}
	for i := range all {
		list.Jobs[i] = jobOut(&all[i])
	}
	return list, err
}

// aJob names a job by the path.
type aJob struct {
	ID int64 `path:"id" doc:"The job's id."`
}

func (a *API) retryJob(ctx context.Context, _ caller, in *aJob) (wire.Job, error) {
	e, err := a.Jobs.Retry(ctx, in.ID)
	return jobOut(&e), err
}

func (a *API) cancelJob(ctx context.Context, _ caller, in *aJob) (wire.Job, error) {
	e, err := a.Jobs.Cancel(ctx, in.ID)
	return jobOut(&e), err
}

func jobOut(e *job.Entry) wire.Job {
	return wire.Job{
		ID: e.ID, Kind: e.Kind, About: e.About, State: string(e.State), Attempt: e.Attempt, MaxAttempts: e.MaxAttempts,
		CreatedAt: e.CreatedAt.UTC(), DueAt: e.DueAt.UTC(), EndedAt: timeOrNull(e.EndedAt), Error: e.Error,
	}
}

type newMailTestIn struct{ Body wire.NewMailTest }

// testMail sends a letter while the operator waits, past the queue: what goes
// wrong is to be seen at once.
func (a *API) testMail(ctx context.Context, _ caller, in *newMailTestIn) (wire.MailTest, error) {
	mailbox, err := mail.Address(in.Body.To)
	if err != nil {
		return wire.MailTest{}, err
	}
	through, err := a.TestMail(ctx, mailbox)
	return wire.MailTest{To: mailbox, Through: through}, err
}
