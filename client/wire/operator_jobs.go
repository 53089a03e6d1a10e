package wire

import (
	"strconv"
	"time"
)

// Paths of the operator's API that are about what is done later.
const (
	PathAdminJobs     = "/admin/v1/jobs"
	PathAdminMailTest = "/admin/v1/mail/test"
)

// BelowRetry is below PathAdminJobs and a job's id, as BelowCancel is.
const BelowRetry = "retry"

// AdminJobPath is the path of something below one job.
func AdminJobPath(id int64, below string) string {
	return PathAdminJobs + "/" + strconv.FormatInt(id, 10) + "/" + below
}

// Job is work that is done later, such as a letter. What is in a letter is never
// told.
type Job struct {
	ID          int64      `json:"id"`
	Kind        string     `json:"kind"`
	About       string     `json:"about,omitempty"` // for people: "code to ada@example.com"
	State       string     `json:"state"`
	Attempt     int        `json:"attempt"`
	MaxAttempts int        `json:"max_attempts"`
	CreatedAt   time.Time  `json:"created_at"`
	DueAt       time.Time  `json:"due_at"`   // when it is or was to be tried
	EndedAt     *time.Time `json:"ended_at"` // null: it has not
	Error       string     `json:"error,omitempty"`
}

// JobList is jobs, newest first.
type JobList struct {
	Jobs []Job `json:"jobs"`
}

// States of jobs.
const (
	JobAvailable = "available" // to be worked now
	JobScheduled = "scheduled" // to be worked later
	JobRetryable = "retryable" // it failed, and is tried again
	JobRunning   = "running"
	JobCompleted = "completed"
	JobCancelled = "cancelled" // by the operator, or because it cannot succeed
	JobDiscarded = "discarded" // it failed at each of its tries
)

// NewMailTest asks for a letter that tries whether letters arrive.
type NewMailTest struct {
	To string `json:"to"`
}

// MailTest says that such a letter was taken.
type MailTest struct {
	To      string `json:"to"`
	Through string `json:"through"` // by whom: a mail server's name, or "Resend"
}
