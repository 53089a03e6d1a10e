package job_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/aichat-term/aichat/server/job"
)

// configured is what a Runner asks of River, with what is logged.
func configured(t *testing.T) (*river.Config, *strings.Builder) {
	t.Helper()
	var log strings.Builder
	var asked *river.Config
	_, err := job.New(job.Options{
		NewClient: func(c *river.Config) (job.Client, error) { asked = c; return nil, nil },
		Logger:    slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Now:       clock,
	})
	if err != nil {
		t.Fatal(err)
	}
	return asked, &log
}

// TestWhatRiverSaysOfItself: its troubles are told, its daily work is not, nor what
// it breaks off because it was told to stop.
func TestWhatRiverSaysOfItself(t *testing.T) {
	t.Parallel()
	stopped, stop := context.WithCancel(t.Context())
	stop()
	brokenOff := fmt.Errorf("fetching jobs: %w", context.Canceled).Error() // River hands texts on
	for _, tc := range []struct {
		name  string
		ctx   context.Context
		level slog.Level
		attrs []any
		told  bool
	}{
		{"daily work", t.Context(), slog.LevelInfo, []any{"jobs", 3}, false},
		{"a warning", t.Context(), slog.LevelWarn, nil, true},
		{"an error", t.Context(), slog.LevelError, []any{"error", "no connection"}, true},
		{"another's cancelling", t.Context(), slog.LevelError, []any{"error", brokenOff}, true},
		{"broken off at a stop", stopped, slog.LevelError, []any{"error", brokenOff}, false},
		{"broken off at a stop, as an error", stopped, slog.LevelError, []any{"attempt", 1, "error", context.Canceled}, false},
		{"an error at a stop", stopped, slog.LevelError, []any{"error", "no connection"}, true},
		{"a cancelling of something else", stopped, slog.LevelError, []any{"job", brokenOff, "error", "no connection"}, true},
		{"a warning at a stop", stopped, slog.LevelWarn, nil, true},
	} {
		for how, by := range map[string]func(*slog.Logger) *slog.Logger{
			"itself":       func(l *slog.Logger) *slog.Logger { return l },
			"with a name":  func(l *slog.Logger) *slog.Logger { return l.With("service", "producer") },
			"in its group": func(l *slog.Logger) *slog.Logger { return l.WithGroup("river") },
		} {
			c, log := configured(t)
			by(c.Logger).Log(tc.ctx, tc.level, "something happened", tc.attrs...)
			if told := log.String() != ""; told != tc.told {
				t.Errorf("%s, by %s: told %v, want %v: %s", tc.name, how, told, tc.told, log)
			}
		}
	}
}

// TestWhatIsSaidOfAJob: that it failed, whether it is tried again, and never what is
// in it.
func TestWhatIsSaidOfAJob(t *testing.T) {
	t.Parallel()
	for attempt, says := range map[int]string{1: "level=WARN msg=\"job failed, and is tried again\"", 25: "level=ERROR msg=\"job failed for the last time\""} {
		c, log := configured(t)
		row := &rivertype.JobRow{ID: 7, Kind: "mail", Attempt: attempt, MaxAttempts: 25, EncodedArgs: []byte(`{"code":"123456"}`)}
		if r := c.ErrorHandler.HandleError(t.Context(), row, errors.New("no such mailbox")); r != nil {
			t.Errorf("it is decided about: %+v", r)
		}
		if r := c.ErrorHandler.HandlePanic(t.Context(), row, "nil map", "goroutine 1"); r != nil {
			t.Errorf("it is decided about: %+v", r)
		}
		told := log.String()
		for _, word := range []string{says, "kind=mail", "job_id=7", fmt.Sprintf("attempt=%d", attempt), `error="no such mailbox"`, `panic="nil map"`, `trace="goroutine 1"`} {
			if !strings.Contains(told, word) {
				t.Errorf("no %s in %s", word, told)
			}
		}
		if strings.Contains(told, "123456") {
			t.Errorf("it tells what is in the job: %s", told)
		}
	}
}

// TestWhenAJobIsTriedAgain: ever more rarely, at most a tenth sooner or later than
// said, and never more rarely than every six hours.
func TestWhenAJobIsTriedAgain(t *testing.T) {
	t.Parallel()
	c, _ := configured(t)
	for attempt, want := range map[int]time.Duration{0: 5 * time.Second, 1: 5 * time.Second, 2: 15 * time.Second, 3: 45 * time.Second, 9: 6 * time.Hour, 25: 6 * time.Hour} {
		for range 20 {
			got := c.RetryPolicy.NextRetry(&rivertype.JobRow{Attempt: attempt}).Sub(clock())
			if got < want*9/10-time.Millisecond || got > want*11/10+time.Millisecond {
				t.Errorf("after try %d: in %v, want about %v", attempt, got, want)
			}
		}
	}
}
