package job

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/mail"
)

// Queue is the jobs as an operator sees them. It is safe for concurrent use, also
// while other processes work the jobs.
type Queue struct{ client Client }

// Entry is a job.
type Entry struct {
	ID    int64
	Kind  string
	About string // what a person would call it: a letter's name and whom it is for
	State State

	Attempt, MaxAttempts int

	CreatedAt time.Time
	DueAt     time.Time // when it is or was to be tried
	EndedAt   time.Time // zero: it has not
	Error     string    // of its last try; empty: none failed
}

// State is where a job stands: River's words.
type State string

// The states.
const (
	Available State = "available" // to be worked now
	Scheduled State = "scheduled" // to be worked later
	Retryable State = "retryable" // it failed, and is tried again later
	Running   State = "running"
	Completed State = "completed"
	Cancelled State = "cancelled" // by an operator, or because it cannot succeed
	Discarded State = "discarded" // dead: it failed at each of its tries
)

// States lists all states.
func States() []State {
	return []State{Available, Scheduled, Retryable, Running, Completed, Cancelled, Discarded}
}

// The lengths of lists.
const (
	fewEntries  = 100
	mostEntries = 1000
)

// List returns the newest jobs in one of the states, newest first; no states: in
// any but Completed. A limit of 0 is 100, and 1 000 the most.
func (q Queue) List(ctx context.Context, limit int, states ...State) ([]Entry, error) {
	if len(states) == 0 {
		states = []State{Available, Scheduled, Retryable, Running, Cancelled, Discarded}
	}
	if limit <= 0 {
		limit = fewEntries
	}
	params := river.NewJobListParams().First(min(limit, mostEntries)).OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	named := make([]rivertype.JobState, len(states))
	for i, s := range states {
		named[i] = rivertype.JobState(s)
	}
	result, err := q.client.JobList(ctx, params.States(named...))
	if err != nil {
		return nil, asFault(err)
	}
	entries := make([]Entry, len(result.Jobs))
	for i, row := range result.Jobs {
		entries[i] = entry(row)
	}
	return entries, nil
}

// Retry lets a job run now, whether it waits or has ended; one that runs is left
// alone, and one that has been done before does nothing. NotFound.
func (q Queue) Retry(ctx context.Context, id int64) (Entry, error) {
	return changed(q.client.JobRetry(ctx, id))
}

// Cancel keeps a job from being tried again; one that runs is asked to stop. What
// has ended stays as it is. NotFound.
func (q Queue) Cancel(ctx context.Context, id int64) (Entry, error) {
	return changed(q.client.JobCancel(ctx, id))
}

func changed(row *rivertype.JobRow, err error) (Entry, error) {
	if err != nil {
		return Entry{}, asFault(err)
	}
	return entry(row), nil
}

func asFault(err error) error {
	switch {
	case errors.Is(err, rivertype.ErrNotFound):
		return fault.New(fault.NotFound, "There is no such job.")
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fault.Of(err)
	}
	return fault.Wrap(err, fault.Unavailable, "The jobs cannot be read right now; try again in a moment.")
}

func entry(row *rivertype.JobRow) Entry {
	e := Entry{
		ID: row.ID, Kind: row.Kind, About: about(row), State: State(row.State), Attempt: row.Attempt, MaxAttempts: row.MaxAttempts,
		CreatedAt: row.CreatedAt, DueAt: row.ScheduledAt,
	}
	if row.FinalizedAt != nil {
		e.EndedAt = *row.FinalizedAt
	}
	if n := len(row.Errors); n > 0 {
		e.Error = row.Errors[n-1].Error
	}
	return e
}

// about tells of a letter what is on its envelope; what is in it may be a code.
func about(row *rivertype.JobRow) string {
	if row.Kind != (mail.Letter{}).Kind() {
		return ""
	}
	var letter mail.Letter
	if err := json.Unmarshal(row.EncodedArgs, &letter); err != nil || letter.Name == "" {
		return ""
	}
	return letter.Name + " to " + letter.To
}
