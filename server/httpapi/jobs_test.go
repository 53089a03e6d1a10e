package httpapi_test

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aichat-term/aichat/client/wire"
	"github.com/aichat-term/aichat/server/fault"
	"github.com/aichat-term/aichat/server/job"
)

// jobs is a fake queue.
type jobs struct {
	mu    sync.Mutex
	byID  map[int64]job.Entry
	limit int // of the last list
}

func (j *jobs) List(_ context.Context, limit int, states ...job.State) ([]job.Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.limit = limit
	all := slices.SortedFunc(maps.Values(j.byID), func(a, b job.Entry) int { return cmp.Compare(b.ID, a.ID) })
	return slices.DeleteFunc(all, func(e job.Entry) bool { return len(states) > 0 && !slices.Contains(states, e.State) }), nil
}

func (j *jobs) Retry(_ context.Context, id int64) (job.Entry, error) { return j.set(id, job.Available) }
func (j *jobs) Cancel(_ context.Context, id int64) (job.Entry, error) {
	return j.set(id, job.Cancelled)
}

func (j *jobs) set(id int64, state job.State) (job.Entry, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	e, ok := j.byID[id]
	if !ok {
		return job.Entry{}, fault.New(fault.NotFound, "There is no such job.")
	}
	e.State = state
	j.byID[id] = e
	return e, nil
}

// testMail is a mail server that has heard of everybody at example.com.
func testMail(_ context.Context, to string) (string, error) {
	if !strings.HasSuffix(to, "@example.com") {
		return "", fault.New(fault.Invalid, "The mail server refused the letter for good (550 no such user).")
	}
	return "mail.example.com:587", nil
}

func TestOperatorsJobs(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	w.jobs.byID[7] = job.Entry{ID: 7, Kind: "mail", About: "code to ada@example.com", State: job.Discarded, Attempt: 25, MaxAttempts: 25,
		CreatedAt: noon, DueAt: noon, EndedAt: noon, Error: "The mail server did not take the letter."}
	w.jobs.byID[8] = job.Entry{ID: 8, Kind: "prune", State: job.Running, Attempt: 1, MaxAttempts: 3, CreatedAt: noon, DueAt: noon}

	list := get[wire.JobList](w, 200, "GET", wire.PathAdminJobs+"?limit=5", "").Jobs
	if len(list) != 2 || list[0].ID != 8 || list[0].EndedAt != nil || list[1].EndedAt == nil || list[1].About != "code to ada@example.com" || list[1].Error == "" {
		t.Errorf("%+v", list)
	}
	if w.jobs.limit != 5 {
		t.Errorf("a limit of %d", w.jobs.limit)
	}
	if list := get[wire.JobList](w, 200, "GET", wire.PathAdminJobs+"?state=discarded", "").Jobs; len(list) != 1 || list[0].ID != 7 {
		t.Errorf("%+v", list)
	}
	get[wire.Problem](w, 400, "GET", wire.PathAdminJobs+"?state=dead", "")

	if j := get[wire.Job](w, 200, "POST", wire.AdminJobPath(7, wire.BelowRetry), ""); j.ID != 7 || j.State != wire.JobAvailable {
		t.Errorf("%+v", j)
	}
	if j := get[wire.Job](w, 200, "POST", wire.AdminJobPath(7, wire.BelowCancel), ""); j.State != wire.JobCancelled {
		t.Errorf("%+v", j)
	}
	get[wire.Problem](w, 404, "POST", wire.AdminJobPath(9, wire.BelowRetry), "")
	get[wire.Problem](w, 400, "POST", wire.PathAdminJobs+"/x/"+wire.BelowCancel, "")
}

func TestOperatorsMail(t *testing.T) {
	t.Parallel()
	w := newWorld(t).operator()
	if m := get[wire.MailTest](w, 200, "POST", wire.PathAdminMailTest, `{"to":" Ada@Example.com "}`); m.To != "ada@example.com" || m.Through != "mail.example.com:587" {
		t.Errorf("%+v", m)
	}
	for _, body := range []string{`{}`, `{"to":"ada"}`, `{"to":"ada@example.com\nBcc: x@y.example"}`} {
		get[wire.Problem](w, 400, "POST", wire.PathAdminMailTest, body)
	}
	if p := get[wire.Problem](w, 400, "POST", wire.PathAdminMailTest, `{"to":"x@y.example"}`); !strings.Contains(p.Detail, "no such user") {
		t.Errorf("%+v", p)
	}
}

// The states on the wire are those that there are.
func TestStatesOfJobs(t *testing.T) {
	t.Parallel()
	want := []job.State{wire.JobAvailable, wire.JobScheduled, wire.JobRetryable, wire.JobRunning, wire.JobCompleted, wire.JobCancelled, wire.JobDiscarded}
	if got := job.States(); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
