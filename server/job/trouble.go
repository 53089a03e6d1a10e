package job

import (
	"context"
	"log/slog"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// backoff says when a job that failed is tried again: after 5 s, 15 s, 45 s and so
// on, each three times the one before, up to six hours. A letter with a code is
// tried five times while its code is good; with River's 25 tries, other letters
// are given up after some four days, as RFC 5321 section 4.5.4.1 has it.
type backoff struct{ now func() time.Time }

const (
	firstRetry = 5 * time.Second
	lastRetry  = 6 * time.Hour
)

// NextRetry implements river.ClientRetryPolicy. Jobs that failed together do not
// come back together.
func (b backoff) NextRetry(job *rivertype.JobRow) time.Time {
	wait := min(firstRetry.Seconds()*math.Pow(3, float64(max(job.Attempt, 1)-1)), lastRetry.Seconds())
	wait *= 0.9 + 0.2*rand.Float64() //nolint:gosec // G404: no secret, only spread
	return b.now().Add(time.Duration(wait * float64(time.Second)))
}

// teller says in the log what River only writes into its table. A job's args are
// never told.
type teller struct{ log *slog.Logger }

// HandleError implements river.ErrorHandler.
func (t teller) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	t.tell(ctx, job, "error", err)
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (t teller) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	t.tell(ctx, job, "panic", value, "trace", trace)
	return nil
}

func (t teller) tell(ctx context.Context, job *rivertype.JobRow, why ...any) {
	about := append([]any{"kind", job.Kind, "job_id", job.ID, "attempt", job.Attempt}, why...)
	if job.Attempt >= job.MaxAttempts {
		t.log.ErrorContext(ctx, "job failed for the last time", about...)
		return
	}
	t.log.WarnContext(ctx, "job failed, and is tried again", about...)
}

// quiet lets through what River says of its own troubles, not of its daily work.
type quiet struct{ slog.Handler }

// Enabled implements slog.Handler.
func (q quiet) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && q.Handler.Enabled(ctx, level)
}

// Handle implements slog.Handler. What River breaks off because it was told to stop
// is no trouble, though it says so: its contexts end with Stop and by nothing else.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	if ctx.Err() != nil && brokenOff(r) {
		return nil
	}
	return q.Handler.Handle(ctx, r)
}

// brokenOff reports whether a line is about a context that was cancelled. River
// hands errors on as texts.
func brokenOff(r slog.Record) (is bool) {
	r.Attrs(func(a slog.Attr) bool {
		is = a.Key == "error" && strings.Contains(a.Value.String(), context.Canceled.Error())
		return !is
	})
	return is
}

// WithAttrs implements slog.Handler.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup implements slog.Handler.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
